import { Broken } from './broken.ts'
import type { Rule } from './scene.ts'

/** Rule 9: the journal holds every event, once or more often, in order. */
export const journalWhole: Rule = ({ outside: { journal, witness } }) => ({
  settled() {
    for (const [rollout, events] of witness.ledgers) {
      let seen = 0
      for (const line of journal) {
        if (line.rollout !== rollout || line.version <= seen) continue
        if (line.version !== seen + 1)
          throw new Broken('journal-whole', `event ${rollout}/${line.version} follows ${seen}`)
        seen = line.version
      }
      if (seen < events.length)
        throw new Broken('journal-whole', `the journal ends with ${rollout}/${seen} of ${events.length}`)
    }
  },
})

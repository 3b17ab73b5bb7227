import { isDeepStrictEqual } from 'node:util'
import { checkChain } from '../../../src/ledger/chain.ts'
import { Broken } from './broken.ts'
import type { Rule } from './scene.ts'

const rule = 'ledger-whole'

/** Rule 8: versions without a gap, nothing changed afterwards; the fold is the state that processes go by. */
export const ledgerWhole: Rule = ({ outside: { witness, redis }, fleet }) => ({
  appended(rollout, events) {
    const all = witness.ledgers.get(rollout) ?? []
    const from = all.length - events.length
    events.forEach((event, index) => {
      const place = from + index + 1
      if (event.version !== place || event.rollout !== rollout)
        throw new Broken(rule, `event ${event.rollout}/${event.version} stands at place ${rollout}/${place}`)
    })
  },
  settled() {
    for (const [rollout, events] of witness.ledgers) {
      if (!isDeepStrictEqual(redis.data.events.get(rollout), events))
        throw new Broken(rule, `the ledger of ${rollout} was changed`)
      const [broken] = checkChain(events.map((event) => JSON.stringify(event))).broken
      if (broken !== undefined) throw new Broken(rule, `event ${rollout}/${broken.place} ${broken.why}`)
      const state = witness.stateOf(rollout)
      for (const { process, rollouts } of fleet.running()) {
        const known = rollouts.known().find((s) => s.rollout === rollout && s.version === state?.version)
        if (known !== undefined && !isDeepStrictEqual(known, state))
          throw new Broken(rule, `${process.name} takes ${rollout} for something else than its ledger says`)
      }
    }
  },
})

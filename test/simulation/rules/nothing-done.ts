import { Broken } from './broken.ts'
import type { Rule } from './scene.ts'

/** Rule 7: what somebody is told was not done, as Redis did not take it, does not count later. */
export const nothingDone: Rule = ({ outside: { slack, witness }, delivery }) => ({
  settled() {
    const commands = new Set([...witness.ledgers.keys()].flatMap((n) => witness.everAppended(n).map((e) => e.command)))
    for (const { id, user, message } of slack.told) {
      if (!/^Redis did not answer .* Nothing was done\./.test(message.text)) continue
      const wish = id.slice('answer/'.length)
      // Brought to two processes, it may be refused by one and taken by the other.
      if (delivery.timesTaken(wish) === 1 && commands.has(wish))
        throw new Broken('nothing-done', `${user} was told that nothing was done of ${wish}, which counts`)
    }
  },
})

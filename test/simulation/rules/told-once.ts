import type { Event } from '../../../src/rollout/events.ts'
import { evolve } from '../../../src/rollout/evolve.ts'
import type { State } from '../../../src/rollout/state.ts'
import { messageId, rootId } from '../../../src/slack/reference.ts'
import { threadText } from '../../../src/slack/texts.ts'
import { config } from '../spec.ts'
import { Broken } from './broken.ts'
import type { Rule } from './scene.ts'

const rule = 'told-once'

/** Rule 8: once things have settled, every announcement of the ledger is in the thread once and in order. */
export const toldOnce: Rule = ({ outside: { slack, witness } }) => ({
  settled() {
    for (const [rollout, events] of witness.ledgers) {
      const cards = slack.messages.filter((m) => m.ids.includes(rootId({ service: config.service, rollout })))
      const [card] = cards
      if (card === undefined || cards.length > 1) throw new Broken(rule, `rollout ${rollout} has ${cards.length} cards`)
      const told = slack.messages.filter((m) => m.thread === card.ts).flatMap((m) => m.ids)
      const expected = announced(events)
      const place = told.findIndex((id, index) => id !== expected[index])
      if (place >= 0)
        throw new Broken(rule, `message ${place + 1} of the thread is ${told[place]}, expected ${expected[place]}`)
      if (told.length < expected.length) throw new Broken(rule, `${expected[told.length]} was never told`)
    }
  },
})

/** The `block_id`s of the announcements that a ledger calls for, in order. */
function announced(events: readonly Event[]): readonly string[] {
  let state: State | null = null
  return events.flatMap((event) => {
    state = evolve(state, event)
    return event.type === 'sign-off-requested' || threadText(event, state) !== null ? [messageId(event)] : []
  })
}

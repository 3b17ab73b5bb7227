import type { Event } from '../../../src/rollout/events.ts'
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
      const states = witness.statesOf(rollout)
      const expected = events.flatMap((event, index) => announced(event, states[index]))
      const place = told.findIndex((id, index) => id !== expected[index])
      if (place >= 0)
        throw new Broken(rule, `message ${place + 1} of the thread is ${told[place]}, expected ${expected[place]}`)
      if (told.length < expected.length) throw new Broken(rule, `${expected[told.length]} was never told`)
    }
  },
})

/** The `block_id` of the announcement that an event calls for, if it does. */
function announced(event: Event, state: State | undefined): readonly string[] {
  if (event.type === 'sign-off-requested') return [messageId(event)]
  return state !== undefined && threadText(event, state) !== null ? [messageId(event)] : []
}

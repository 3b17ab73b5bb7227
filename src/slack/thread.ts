import { SlipwayError } from '../errors.ts'
import type { Projector, Shown } from '../jobs/project.ts'
import type { Cursors } from '../ledger/cursors.ts'
import type { Event, EventOf } from '../rollout/events.ts'
import type { State } from '../rollout/state.ts'
import { card } from './blocks/card.ts'
import { eventButtons } from './event-buttons.ts'
import { type Message, textMessage } from './message.ts'
import type { Messenger } from './messenger.ts'
import { planMessage } from './plan-message.ts'
import { messageId } from './reference.ts'
import { threadText } from './texts.ts'

/** Note under which the card's timestamp is kept: it is the root of the thread. */
export const rootNote = 'root'
const ownNote = (version: number) => `message:${version}`

/** Tells a rollout's story in one thread: every event once and in order. */
export function createThread(
  messenger: Messenger,
  cursors: Cursors,
  history: (rollout: number) => Promise<readonly Event[]>,
  title: string,
): Projector {
  async function show({ event, state, uncertain }: Shown): Promise<void> {
    if (event.type === 'rollout-started') return begin(event, state, uncertain)
    const root = await cursors.note(event.rollout, rootNote)
    if (root === null)
      throw new SlipwayError('slack-refused', { method: 'chat.postMessage', error: 'the card is missing' })
    await closeRequest(event, state)
    const message = messageOf(event, state)
    if (message === null) return
    const found = uncertain ? await messenger.find(messageId(event), { thread: root }) : null
    const broadcast = threadText(event, state)?.broadcast ?? false
    const ts = found ?? (await messenger.post(message, { thread: root, broadcast }))
    if (event.type === 'sign-off-requested') await cursors.keep(event.rollout, ownNote(event.version), ts)
  }

  async function begin(event: Event, state: State, uncertain: boolean): Promise<void> {
    const facts = { readings: [], observed: 0, wanted: 0, byHand: null }
    const message = card(title, state, facts)
    // A card may have been posted long before a crash: look back to the rollout's own start.
    const found = uncertain ? await messenger.find(messageId(event), { since: event.at - 60_000 }) : null
    await cursors.keep(event.rollout, rootNote, found ?? (await messenger.post(message)))
  }

  /** Takes the buttons of a decided request away. */
  async function closeRequest(event: Event, state: State): Promise<void> {
    const decided = state.decided.at(-1)
    const decides = ['phase-started', 'sign-off-rejected', 'sign-off-expired', 'rollback-ordered'].includes(event.type)
    if (!decides || decided === undefined || decided.at !== event.at) return
    const ts = await cursors.note(event.rollout, ownNote(decided.id))
    const events = await history(event.rollout)
    const request = events.find(
      (e): e is EventOf<'sign-off-requested'> => e.type === 'sign-off-requested' && e.version === decided.id,
    )
    if (ts === null || request === undefined) return
    await messenger.edit(ts, planMessage(request, { ...state, weight: weightBefore(events, decided.id) }, false))
  }

  return { name: 'thread', show }
}

/** The canary's weight when a request was made, so that its plan is shown as it was signed. */
function weightBefore(events: readonly Event[], version: number): number {
  const shifts = events.filter((e) => e.type === 'traffic-shifted' && e.version < version)
  const last = shifts.at(-1)
  return last?.type === 'traffic-shifted' ? last.weight : 0
}

function messageOf(event: Event, state: State): Message | null {
  if (event.type === 'sign-off-requested') return planMessage(event, state, true)
  const told = threadText(event, state)
  return told === null ? null : textMessage(messageId(event), told.text, eventButtons(event, state))
}

import type { KnownBlock } from '@slack/web-api'
import type { Config } from '../config/config.ts'
import { SlipwayError } from '../errors.ts'
import type { Clock } from '../jobs/ports.ts'
import type { Ours, Projector, Shown } from '../jobs/project.ts'
import type { World } from '../jobs/world.ts'
import type { Cursors } from '../ledger/cursors.ts'
import { headsLine, ledgerHeadText, recordHeadText } from '../ledger/head-text.ts'
import type { Pace, Turn } from '../ledger/pace.ts'
import type { Head } from '../ledger/record.ts'
import type { Event, EventOf } from '../rollout/events.ts'
import { tellsHead } from '../rollout/heads.ts'
import { missingRoles, openCheckpoints } from '../rollout/sign-off.ts'
import type { State } from '../rollout/state.ts'
import { card } from './blocks/card.ts'
import { checkpointsMessage } from './checkpoints-message.ts'
import { eventButtons } from './event-buttons.ts'
import { createFallBack } from './fall-back.ts'
import { withMentions } from './format.ts'
import { context, limits, type Message, textMessage } from './message.ts'
import { clocksDiffer, type Messenger } from './messenger.ts'
import { storyLines } from './past-text.ts'
import { type PlanStatus, planMessage } from './plan-message.ts'
import { messageId } from './reference.ts'
import { threadText } from './texts.ts'
import { findIn, rootNote, threadsOf } from './threads-of.ts'

const ownNote = (version: number) => `message:${version}`

/** Events that waited for longer than this (ms), and more than these, are told in one message: after an absence. */
const lateAfter = 60_000
const fewAtOnce = 2
/** Every event takes a block of the catch-up message, its buttons and the record's head one more. */
const mostTogether = 40
/** Lines of what has happened that whoever takes over is told. */
const mostSince = 12
/** Characters of events' texts in the catch-up message: its buttons and the record's heads need room, too. */
const longestTogether = limits.together - 4_000

/** What the thread is told with. */
export interface ThreadOptions {
  readonly messenger: Messenger
  readonly cursors: Cursors
  readonly history: (rollout: number) => Promise<readonly Event[]>
  /** How people call the service, how the objects are called that a plan changes, and when nothing moves. */
  readonly config: Pick<Config, 'title' | 'cluster' | 'freezes'>
  readonly pace: Pace
  readonly clock: Clock
  readonly log: World['log']
  /** For how long after it was begun a post that was given up on may still appear, in ms. */
  readonly settles: number
  readonly recordHead: () => Promise<Head | null>
}

/** Tells a rollout's story in one thread: every event once and in order. */
export function createThread(options: ThreadOptions): Projector {
  const { messenger, cursors, history, config, pace, clock, settles, recordHead } = options
  const fallBack = createFallBack(options)

  /** Posts these as one; what is posted in their place is as much an act of its own. */
  function post(messages: readonly Message[], ours: Ours, where?: Parameters<Messenger['post']>[1]): Promise<string> {
    return fallBack(messages, async (message) => {
      await ours()
      return messenger.post(message, where)
    })
  }

  async function show(shown: readonly Shown[], ours: Ours): Promise<void> {
    const [first] = shown
    if (first === undefined) return
    const { rollout } = first.event
    if (first.event.version === 1) return begin(first, ours)
    const threads = await threadsOf(cursors, rollout)
    const [root] = threads
    if (root === undefined)
      throw new SlipwayError('slack-refused', { method: 'chat.postMessage', error: 'the card is missing' })
    for (const { event, state } of shown) await keepUpToDate(event, state)
    const ids = shown.filter((s) => s.uncertain).map((s) => messageId(s.event))
    const found = await findIn(messenger, threads, ids)
    const missing = shown.filter((s) => !found.has(messageId(s.event)))
    const head = missing.some(({ event }) => tellsHead(event)) ? await recordHead() : null
    const handedOver = missing.some(({ event }) => event.type === 'handed-over')
    const past = handedOver ? await history(rollout) : []
    const messages = missing.flatMap(({ event, state }) => messageOf(event, state, head, past) ?? [])
    const broadcast = missing.some(({ event, state }) => threadText(event, state)?.broadcast ?? false)
    const posted = messages.length === 0 ? null : await post(messages, ours, { thread: root, broadcast })
    const ts = posted ?? found.get(messageId(first.event))
    if (isKept(first.event) && ts !== undefined) await cursors.keep(rollout, ownNote(first.event.version), ts)
  }

  async function begin({ event, state, uncertain }: Shown, ours: Ours): Promise<void> {
    const facts = { readings: [], observed: 0, wanted: 0, known: {}, holds: {}, byHand: null, at: event.at }
    const message = card(config.title, state, facts)
    const id = messageId(event)
    // A card may have been posted long before a crash: look back to the rollout's own start.
    const found = uncertain ? (await messenger.find([id], { since: event.at - clocksDiffer })).get(id) : undefined
    await cursors.keep(event.rollout, rootNote, found ?? (await post([message], ours)))
  }

  /** Brings a plan, or a list of checkpoints, up to date when what it offers has changed. */
  async function keepUpToDate(event: Event, state: State): Promise<void> {
    const shown = shownBy(event, state)
    if (shown === null) return
    const asked = (await history(event.rollout)).findLast((e) => isKept(e) && shown.of(e))
    if (asked === undefined) return
    const ts = await cursors.note(event.rollout, ownNote(asked.version))
    const message = keptMessage(asked, state, shown.status)
    if (ts === null || message === null) return
    try {
      await messenger.edit(ts, message)
    } catch (error) {
      // A plan that somebody deleted, or that is too old to be edited, does not hold the story up: its buttons answer for themselves.
      if (!(error instanceof SlipwayError && error.code === 'slack-refused')) throw error
    }
  }

  /** The messages that are edited later on. */
  function keptMessage(event: Event, state: State, status: PlanStatus): Message | null {
    if (event.type === 'sign-off-requested') return planMessage(event, state, config, status)
    return event.type === 'checkpoints-asked' ? checkpointsMessage(event, state) : null
  }

  /** `past`: the rollout's events, for those that tell what happened since others. */
  function messageOf(event: Event, state: State, head: Head | null, past: readonly Event[]): Message | null {
    if (isKept(event)) return keptMessage(event, state, 'open')
    const told = threadText(event, state)
    if (told === null) return null
    const message = textMessage(messageId(event), told.text, eventButtons(event, state))
    if (event.type === 'handed-over') return { ...message, blocks: [...message.blocks, ...sinceBlocks(event, past)] }
    return tellsHead(event)
      ? { ...message, blocks: [...message.blocks, context(headsText(event, event.hash, head))] }
      : message
  }

  /** What has waited for long is told together, up to the next message that has something to press. */
  function together(waiting: readonly Shown[]): number {
    const [first] = waiting
    if (first === undefined || waiting.length <= fewAtOnce || clock.now() - first.event.at < lateAfter) return 1
    if (first.event.version === 1 || isKept(first.event)) return 1
    const pressed = waiting.findIndex(({ event, state }) => eventButtons(event, state).length > 0)
    const kept = waiting.findIndex(({ event }) => isKept(event))
    const ends = [pressed < 0 ? waiting.length : pressed + 1, kept < 0 ? waiting.length : kept, mostTogether]
    return Math.min(...ends, Math.max(1, fitting(waiting)))
  }

  /** Nothing waits in here for its turn: it would keep a lease, and what was begun would be looked up later than it can arrive. */
  async function isTime(shown: readonly Shown[]): Promise<boolean> {
    const posts = shown.some(({ event, state }) => event.version === 1 || messageOf(event, state, null, []) !== null)
    const edits = shown.some(({ event, state }) => shownBy(event, state) !== null)
    const wanted: readonly Turn[] = [...(posts ? (['post'] as const) : []), ...(edits ? (['edit'] as const) : [])]
    return wanted.length === 0 || (await pace.take(...wanted)) === 0
  }

  return { name: 'thread', shows, settles, isTime, show, together }
}

/** Is there a message to post or to edit? */
function shows({ event, state }: Shown): boolean {
  return event.version === 1 || isKept(event) || threadText(event, state) !== null || shownBy(event, state) !== null
}

/** What has happened since whoever hands over came to be in charge, as far as it has room. */
function sinceBlocks({ since, version }: EventOf<'handed-over'>, past: readonly Event[]): KnownBlock[] {
  const lines = storyLines(past.filter((event) => event.version >= since && event.version < version))
  const last = lines.slice(-mostSince)
  const earlier =
    lines.length > last.length ? [`… ${lines.length - last.length} earlier ones: \`/deploy history\`.`] : []
  return last.length === 0 ? [] : [context(withMentions(['Since then:', ...earlier, ...last].join('\n')))]
}

/** How many of these, from the first on, have room in one message. */
function fitting(waiting: readonly Shown[]): number {
  let length = 0
  const over = waiting.findIndex(({ event, state }) => {
    length += threadText(event, state)?.text.length ?? 0
    return length > longestTogether
  })
  return over < 0 ? waiting.length : over
}

/** Is it shown by a message of its own, which is edited later on? */
function isKept(event: Event): boolean {
  return event.type === 'sign-off-requested' || event.type === 'checkpoints-asked'
}

/** The record as it stands with this event, so that a record rewritten afterwards shows. */
function headsText(event: Event, hash: string, head: Head | null): string {
  return headsLine([ledgerHeadText(event, hash), ...(head === null ? [] : [recordHeadText(event.service, head)])])
}

interface Outdated {
  /** Whether it is this kept event whose message is no longer right. */
  readonly of: (kept: Event) => boolean
  readonly status: PlanStatus
}

/** Which kept message an event makes outdated. */
function shownBy(event: Event, state: State): Outdated | null {
  // A request that waits for checkpoints shows what is left of them: a tick may be lost (Redis came back older), and its button with it.
  const waiting = event.type === 'sign-off-requested' && openCheckpoints(state, event.phase).length > 0
  if (event.type === 'checkpoint-ticked' || waiting)
    return { of: (e) => e.type === 'checkpoints-asked' && e.phase === event.phase, status: 'open' }
  const { request } = state
  // Whether its phase starts at once is not asked: a lock or a freeze is in no state, and a plan of several stays open.
  if (event.type === 'signed-off' && request !== undefined && missingRoles(state, request).length === 0)
    return { of: (e) => e.version === request.id, status: 'signed' }
  const decided = state.decided.filter((d) => d.at === event.at).map((d) => d.id)
  if (!endsRequest.includes(event.type) || decided.length === 0) return null
  return { of: (e) => decided.includes(e.version), status: 'over' }
}

const endsRequest: readonly Event['type'][] = [
  'phase-started',
  'sign-off-rejected',
  'sign-off-cancelled',
  'sign-off-voided',
  'sign-off-expired',
  'rollback-ordered',
  'record-lost',
  'superseded',
  'weight-seen',
  'observation-ended',
]

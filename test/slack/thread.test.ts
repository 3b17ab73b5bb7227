import { beforeEach, describe, expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import { project } from '../../src/jobs/project.ts'
import type { Event } from '../../src/rollout/events.ts'
import { evolve } from '../../src/rollout/evolve.ts'
import type { State } from '../../src/rollout/state.ts'
import { limits, type Message } from '../../src/slack/message.ts'
import { messageId } from '../../src/slack/reference.ts'
import { threadText } from '../../src/slack/texts.ts'
import { createThread } from '../../src/slack/thread.ts'
import { formerRootsNote, rootNote } from '../../src/slack/threads-of.ts'
import { createFakeWorld, type FakeWorld } from '../jobs/fake-world.ts'
import { config, createDrive, type Drive, holderOf, spec } from '../rollout/drive.ts'
import { at, badFigures, look, prepare, restore, rollBack, shift, sign, soak, started } from '../rollout/ways.ts'
import { createFakeMessenger, type FakeMessenger } from './fake-messenger.ts'

const settles = 10_000
const late = 60_000

let world: FakeWorld
let slack: FakeMessenger
beforeEach(() => {
  world = createFakeWorld()
  slack = createFakeMessenger()
})

/** Another process that shows the same rollout: it remembers nothing of the last try. */
async function show(drive: Drive, pace = world.pace): Promise<'done' | 'busy'> {
  const history = async () => drive.events
  const thread = createThread({
    messenger: slack,
    cursors: world.cursors,
    history,
    config,
    pace,
    clock: world.clock,
    log: world.log,
    settles,
    recordHead: world.record.head,
  })
  return project({ ...world, rollouts: { ...world.rollouts, history } }, thread, 1)
}

/** Shows everything; tries again, after what was given up on has settled, as the queue does. */
async function showAll(drive: Drive): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    const shown = await show(drive).catch(() => 'failed')
    if (shown === 'done') return
    world.time += settles
  }
  throw new Error('never done')
}

/** The events as they come about, told at once. */
function now(drive: Drive): void {
  world.time = drive.now
}

const idsOf = (message: Message) =>
  message.blocks.flatMap((b) => (b.block_id?.startsWith('event/') ? [b.block_id] : []))
/** Ids of the events that the channel shows, in order. */
const told = () => slack.posted.flatMap(({ message }) => idsOf(message))

/** Ids of the events that should be told, in order. */
function toTell(events: readonly Event[]): string[] {
  let state: State | null = null
  return events.flatMap((event) => {
    state = evolve(state, event)
    const own = event.version === 1 || event.type === 'sign-off-requested'
    return own || threadText(event, state) !== null ? [messageId(event)] : []
  })
}

const buttonsOf = (message: Message | undefined) =>
  (message?.blocks ?? []).flatMap((b) =>
    b.type === 'actions' ? b.elements.flatMap((e) => (e.type === 'button' ? [e.action_id ?? ''] : [])) : [],
  )

const postOf = (event: Event | undefined) =>
  slack.posted.find(({ message }) => event !== undefined && idsOf(message).includes(messageId(event)))

/** A whole release, all of whose events have long been waiting. */
function waited(drive: Drive): Drive {
  world.time = drive.now + late
  return drive
}

describe('the thread', () => {
  test('tells every event once, in order, below the card', async () => {
    const drive = at('complete')
    world.time = drive.events[0]?.at ?? 0
    expect(await show(drive)).toBe('done')
    expect(await show(drive)).toBe('done')
    expect(told()).toEqual(toTell(drive.events))
    const [card, ...rest] = slack.posted
    expect(card?.thread).toBeUndefined()
    expect(new Set(rest.map((p) => p.thread))).toEqual(new Set([card?.ts]))
    expect(rest).toHaveLength(toTell(drive.events).length - 1)
    expect(slack.lookUps).toBe(0)
  })

  test('waits for its turn, and has begun nothing meanwhile', async () => {
    const drive = at('awaiting-sign-off')
    now(drive)
    const asked: string[] = []
    const free = world.pace
    const wait = { ...free, take: async (...turns: readonly string[]) => asked.push(turns.join()) }
    expect(await show(drive, wait)).toBe('busy')
    expect(await show(drive, wait)).toBe('busy')
    expect(asked).toEqual(['post', 'post'])
    expect(await world.cursors.get(1, 'thread')).toMatchObject({ done: 0, begun: 0 })
    expect(slack.posted).toEqual([])
    expect(await show(drive, free)).toBe('done')
    expect(told()).toEqual(toTell(drive.events))
  })

  test('asks for no turn where there is nothing to post, and for an edit where buttons go', async () => {
    const drive = at('soaking')
    now(drive)
    const asked: string[] = []
    const take = async (...turns: readonly string[]) => {
      asked.push(turns.join())
      return 0
    }
    const pace = { ...world.pace, take }
    expect(await show(drive, pace)).toBe('done')
    expect(asked).toHaveLength(toTell(drive.events).length)
    // With the last signature, and with the start of the phase.
    expect(asked.filter((turn) => turn === 'post,edit')).toHaveLength(2)
    expect(slack.edited).toHaveLength(2)
  })

  test('looks nothing up that was refused before it had any effect', async () => {
    const drive = at('awaiting-sign-off')
    now(drive)
    slack.fates.push('done', 'refused', 'throttled')
    await showAll(drive)
    expect(slack.lookUps).toBe(0)
    expect(told()).toEqual(toTell(drive.events))
  })

  test.each(['lost', 'unanswered'] as const)('tells once what was %s, whichever post it was', async (fate) => {
    const drive = at('released')
    const posts = toTell(drive.events).length
    for (let i = 0; i < posts; i++) {
      world = createFakeWorld()
      slack = createFakeMessenger()
      world.time = drive.events[0]?.at ?? 0
      slack.fates.push(...Array.from({ length: i }, () => 'done' as const), fate)
      await showAll(drive)
      expect(told()).toEqual(toTell(drive.events))
    }
  })

  test('waits until what was given up on would have appeared', async () => {
    const drive = at('awaiting-sign-off')
    now(drive)
    slack.fates.push('done', 'unanswered')
    await expect(show(drive)).rejects.toMatchObject({ code: 'slack-unreachable' })
    world.time += settles - 1
    expect(await show(drive)).toBe('busy')
    world.time += 1
    expect(await show(drive)).toBe('done')
    expect(told()).toEqual(toTell(drive.events))
  })

  test('tells once what was told below a card that somebody has deleted since, also where nothing is left there', async () => {
    const drive = at('awaiting-sign-off')
    now(drive)
    slack.fates.push('done', 'unanswered')
    await expect(show(drive)).rejects.toMatchObject({ code: 'slack-unreachable' })
    const below = slack.posted[0]?.ts ?? ''
    const again = await slack.post({ text: 'the card, posted again', blocks: [] })
    await world.cursors.keep(1, rootNote, again)
    await world.cursors.keep(1, formerRootsNote, `0.5 ${below}`)
    const { find } = slack
    slack.find = async (ids, where) => {
      if ('thread' in where && where.thread === '0.5')
        throw new SlipwayError('slack-refused', { method: 'conversations.replies', error: 'thread_not_found' })
      return find(ids, where)
    }
    await showAll(drive)
    expect(told()).toEqual(toTell(drive.events))
    expect(slack.posted.at(-1)?.thread).toBe(again)
  })

  test('counts that from the post itself, however long it took to get there', async () => {
    const drive = at('awaiting-sign-off')
    now(drive)
    await show(drive)
    drive.say({ type: 'pause', reason: '' })
    now(drive)
    const { begin } = world.cursors
    let slow = true
    Object.assign(world.cursors, {
      async begin(...given: Parameters<typeof begin>) {
        await begin(...given)
        if (slow) world.time += 1_500
        slow = false
      },
    })
    slack.fates.push('unanswered')
    await expect(show(drive)).rejects.toMatchObject({ code: 'slack-unreachable' })
    world.time += settles - 1
    expect(await show(drive)).toBe('busy')
    world.time += 1
    expect(await show(drive)).toBe('done')
    expect(told()).toEqual(toTell(drive.events))
  })
})

/** So many pauses and resumes, one after the other. */
function holdAndGoOn(drive: Drive, times: number, reason = ''): void {
  for (let i = 0; i < times; i++) drive.say(i % 2 === 0 ? { type: 'pause', reason } : { type: 'resume' })
}

describe('what Slack does not take as it is', () => {
  const bareOf = (posted: readonly { readonly message: Message }[]) =>
    posted.filter(({ message }) => JSON.stringify(message.blocks).includes('Slack did not take the whole of it'))

  test('is told by its beginning, whichever post it was, and everything after it as ever', async () => {
    const drive = at('released')
    const posts = toTell(drive.events).length
    let logged = 0
    for (let i = 0; i < posts; i++) {
      world = createFakeWorld()
      slack = createFakeMessenger()
      world.time = drive.events[0]?.at ?? 0
      slack.fates.push(...Array.from({ length: i }, () => 'done' as const), 'untaken')
      await showAll(drive)
      expect(told()).toEqual(toTell(drive.events))
      // Where it was an edit of a plan, the story goes on without it.
      expect(world.errors.length).toBeLessThanOrEqual(1)
      logged += world.errors.length
    }
    expect(logged).toBeGreaterThan(posts / 2)
  })

  test('is found by the same id where its beginning was posted and never answered, and is logged once', async () => {
    const drive = at('awaiting-sign-off')
    now(drive)
    slack.fates.push('done', 'untaken', 'unanswered')
    await showAll(drive)
    expect(told()).toEqual(toTell(drive.events))
    expect(bareOf(slack.posted)).toHaveLength(1)
    expect(world.errors).toEqual([expect.stringContaining('Slack does not take a message as it is')])
  })

  test('is posted by nobody who has lost the lease in between', async () => {
    const drive = at('awaiting-sign-off')
    now(drive)
    await show(drive)
    drive.say({ type: 'pause', reason: '' })
    now(drive)
    const { post } = slack
    slack.post = async (...given) => {
      // Slow enough that another process may be at it.
      world.time += 3_000
      return post(...given)
    }
    slack.fates.push('untaken')
    const before = slack.posted.length
    await expect(show(drive)).rejects.toMatchObject({ code: 'lease-lost' })
    expect(slack.posted).toHaveLength(before)
  })

  test('leaves what was refused for another reason to be told as it is', async () => {
    const drive = at('awaiting-sign-off')
    now(drive)
    slack.fates.push('done', 'refused')
    await showAll(drive)
    expect(told()).toEqual(toTell(drive.events))
    expect([bareOf(slack.posted), world.errors]).toEqual([[], []])
  })

  test('is told by the beginning of each where several are told together', async () => {
    const drive = at('soaking')
    now(drive)
    await show(drive)
    holdAndGoOn(drive, 6, 'x < y')
    waited(drive)
    slack.fates.push('untaken')
    await showAll(drive)
    expect(told()).toEqual(toTell(drive.events))
    const text = JSON.stringify(slack.posted.at(-1)?.message.blocks)
    expect(text).toContain('Paused by @U000RELEASE')
    expect(text).toContain('x < y')
  })
})

describe('checkpoints', () => {
  test('whose tick Redis has lost can be ticked off again once the phase is asked for anew', async () => {
    const drive = at('complete')
    const upTo = (type: Event['type']) =>
      createDrive(
        drive.events.slice(
          0,
          drive.events.findIndex((e) => e.type === type),
        ),
      )
    const list = () => slack.posted.find((p) => idsOf(p.message).includes(messageId(asked)))
    const buttons = () => buttonsOf(list()?.message)
    const before = upTo('checkpoint-ticked')
    const asked = before.events.find((e) => e.type === 'checkpoints-asked') ?? expect.fail('nobody asked')
    world.time = drive.events[0]?.at ?? 0
    await show(before)
    const whole = buttons()
    expect(whole.length).toBeGreaterThan(1)
    const ticked = createDrive(drive.events.slice(0, before.events.length + 1))
    await show(ticked)
    expect(buttons()).toHaveLength(whole.length - 1)
    await world.cursors.finish(1, 'thread', before.state)
    const request = before.state.request?.id ?? 0
    expect(before.say({ type: 'cancel', request, roles: [], holders: [] }).refusal).toBeNull()
    expect(before.say({ type: 'advance' }).refusal).toBeNull()
    world.time += settles
    await show(before)
    expect(buttons()).toEqual(whole)
  })
})

describe('a plan', () => {
  test('has its buttons until it is decided, then none', async () => {
    const drive = at('awaiting-sign-off')
    now(drive)
    await show(drive)
    const request = drive.events.find((e) => e.type === 'sign-off-requested')
    expect(buttonsOf(postOf(request)?.message)).toEqual(['approve', 'reject', 'withdraw', 'nudge', 'cancel'])
    sign(drive)
    await show(drive)
    expect(buttonsOf(postOf(request)?.message)).toEqual([])
    expect(new Set(slack.edited)).toEqual(new Set([postOf(request)?.ts]))
  })

  test('of all phases is only to be cancelled once every role has signed, until the last phase has started', async () => {
    const phases = spec.phases.map((phase) => ({ ...phase, requesterMaySign: true }))
    const drive = started({ ...spec, phases }, true)
    prepare(drive)
    now(drive)
    await show(drive)
    const plan = () => postOf(drive.events.find((e) => e.type === 'sign-off-requested'))?.message
    expect(buttonsOf(plan())).toContain('approve')
    for (const { number } of phases) {
      if (number === 1) sign(drive)
      else look(drive)
      expect(drive.state).toMatchObject({ stage: 'shifting', phase: number })
      await show(drive)
      expect(buttonsOf(plan())).toEqual(number === phases.length ? [] : ['cancel'])
      expect(JSON.stringify(plan())).not.toContain('Expires at')
      shift(drive)
      soak(drive)
    }
  })

  test('that is signed under a lock is only to be cancelled', async () => {
    const drive = at('awaiting-sign-off')
    now(drive)
    await show(drive)
    drive.holds = { lock: { id: 'lock', by: holderOf('sre'), at: drive.now, reason: 'an incident' } }
    sign(drive)
    expect(drive.state.stage).toBe('awaiting-sign-off')
    await show(drive)
    const plan = postOf(drive.events.find((e) => e.type === 'sign-off-requested'))?.message
    expect(buttonsOf(plan)).toEqual(['cancel'])
  })

  test('that a rollback ended has none either', async () => {
    const drive = at('awaiting-sign-off')
    now(drive)
    await show(drive)
    rollBack(drive)
    await show(drive)
    expect(buttonsOf(postOf(drive.events.find((e) => e.type === 'sign-off-requested'))?.message)).toEqual([])
  })

  test('that somebody deleted does not hold the story up', async () => {
    const drive = at('awaiting-sign-off')
    now(drive)
    await show(drive)
    rollBack(drive)
    slack.fates.push('refused')
    expect(await show(drive)).toBe('done')
    expect(told()).toEqual(toTell(drive.events))
  })

  test.each(['throttled', 'lost'] as const)('whose edit is %s is edited later', async (fate) => {
    const drive = at('awaiting-sign-off')
    now(drive)
    await show(drive)
    rollBack(drive)
    slack.fates.push(fate)
    await showAll(drive)
    expect(slack.edited).toHaveLength(1)
  })

  test('is found again for its buttons when its post was cut by a crash', async () => {
    const drive = at('awaiting-sign-off')
    now(drive)
    slack.fates.push('done', 'done', 'unanswered')
    await showAll(drive)
    sign(drive)
    await showAll(drive)
    expect(buttonsOf(postOf(drive.events.find((e) => e.type === 'sign-off-requested'))?.message)).toEqual([])
  })
})

describe('after an absence', () => {
  test('what waited is told in few posts, in order, every event with its id', async () => {
    const drive = waited(at('complete'))
    await show(drive)
    expect(told()).toEqual(toTell(drive.events))
    expect(slack.posted.length).toBeLessThan(toTell(drive.events).length / 2)
  })

  test('the card and every plan are messages of their own', async () => {
    const drive = waited(at('complete'))
    await show(drive)
    for (const event of drive.events.filter((e) => e.version === 1 || e.type === 'sign-off-requested'))
      expect(idsOf(postOf(event)?.message ?? { text: '', blocks: [] })).toEqual([messageId(event)])
  })

  test('whatever has something to press is the last of its post, and keeps its buttons', async () => {
    const drive = at('soaking')
    soak(drive, badFigures)
    drive.say({ type: 'pause', reason: '' })
    drive.say({ type: 'resume' })
    await show(waited(drive))
    const awaited = drive.events.find((e) => e.type === 'decision-awaited')
    const post = postOf(awaited)?.message
    expect(buttonsOf(post)).toEqual(['extend-soak', 'accept-targets', 'roll-back'])
    expect(idsOf(post ?? { text: '', blocks: [] }).at(-1)).toBe(awaited === undefined ? '' : messageId(awaited))
    expect(told()).toEqual(toTell(drive.events))
  })

  test('a post with anything for the whole channel is broadcast', async () => {
    const drive = at('soaking')
    rollBack(drive)
    restore(drive)
    await show(waited(drive))
    expect(postOf(drive.events.at(-1))?.broadcast).toBe(true)
  })

  test('what happened just now is told by itself', async () => {
    const drive = at('soaking')
    now(drive)
    await show(drive)
    const before = slack.posted.length
    holdAndGoOn(drive, 4)
    await show(drive)
    expect(slack.posted.length).toBe(before + 4)
  })

  test.each(['', 'looking at it '.repeat(35)])('stays within what Slack takes in one message (%s)', async (reason) => {
    const drive = at('soaking')
    holdAndGoOn(drive, 120, reason)
    await show(waited(drive))
    expect(told()).toEqual(toTell(drive.events))
    for (const { message } of slack.posted.slice(1)) {
      expect(message.blocks.length).toBeLessThanOrEqual(limits.blocks)
      const text = message.blocks.flatMap((b) => (b.type === 'section' ? [b.text?.text.length ?? 0] : []))
      expect(text.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(8_000)
    }
  })

  test.each(['lost', 'unanswered'] as const)(
    'a post for several that was %s is told once, also when more has happened since',
    async (fate) => {
      const drive = at('soaking')
      now(drive)
      await show(drive)
      holdAndGoOn(drive, 6)
      waited(drive)
      slack.fates.push(fate)
      await show(drive).catch(() => undefined)
      drive.say({ type: 'pause', reason: '' })
      drive.say({ type: 'resume' })
      world.time += settles
      await showAll(drive)
      expect(told()).toEqual(toTell(drive.events))
    },
  )

  test('a post for several is not told again by a process that would tell them one by one', async () => {
    const drive = at('soaking')
    now(drive)
    await show(drive)
    holdAndGoOn(drive, 6)
    waited(drive)
    slack.fates.push('unanswered')
    await show(drive).catch(() => undefined)
    // By this clock the events are young; and this one dies, too, after the first of them.
    world.time = drive.now + settles
    await world.cursors.begin(1, 'thread', (await world.cursors.get(1, 'thread')).begun, 0)
    const { find } = slack
    let finds = 0
    slack.find = async (...wanted) => {
      finds += 1
      if (finds === 2) throw new Error('killed')
      return find(...wanted)
    }
    await expect(show(drive)).rejects.toThrow('killed')
    slack.find = find
    world.time += late
    await showAll(drive)
    expect(told()).toEqual(toTell(drive.events))
  })

  test('of Slack itself: nothing is told of the loss, and one line of the return', async () => {
    const drive = at('soaking')
    now(drive)
    await show(drive)
    const before = slack.posted.length
    const unreachableSince = drive.now
    drive.wait(6 * 60_000)
    for (let i = 0; i < 2; i++) {
      drive.wait(60_000)
      drive.say({ type: 'tick', unreachableSince })
    }
    drive.say({ type: 'tick', unreachableSince: null })
    now(drive)
    await show(drive)
    expect(slack.posted.slice(before)).toHaveLength(1)
    expect(slack.posted.at(-1)?.message.text).toContain('Slack could not be reached')
  })
})

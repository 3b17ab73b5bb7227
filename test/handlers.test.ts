import { describe, expect, test } from 'vitest'
import { SlipwayError } from '../src/errors.ts'
import { createHandlers } from '../src/handlers.ts'
import type { QueueName } from '../src/jobs/queue-settings.ts'
import { rollBack } from '../src/jobs/roll-back.ts'
import type { TerminalAnswer } from '../src/ledger/answers.ts'
import type { Wish } from '../src/slack/ask.ts'
import type { Message } from '../src/slack/message.ts'
import { tellingOf } from '../src/slack/tell-answer.ts'
import { createFakeWorld, type FakeWorld } from './jobs/fake-world.ts'
import { prepareRelease, say, startRelease } from './jobs/release.ts'
import { sampleReport } from './readiness/sample-report.ts'
import { createFakeMessenger } from './slack/fake-messenger.ts'

/** The handlers over fakes, and what people are told in private. */
function open() {
  const world = createFakeWorld()
  const told: string[] = []
  const ordered: { readonly queue: QueueName; readonly name: string; readonly data: object }[] = []
  const left: TerminalAnswer[] = []
  const begun: string[] = []
  const redis: { error?: SlipwayError } = {}
  const messenger = {
    ...createFakeMessenger(),
    tell: async (_: string, { text }: { text: string }) => void told.push(text),
  }
  const report = sampleReport('5.1.0', 9_000_000)
  const handlers = createHandlers({
    world,
    acting: world,
    queues: {
      async add(queue, _id, name, data) {
        if (redis.error !== undefined) throw redis.error
        if (queue !== 'answers') ordered.push({ queue, name, data })
        // In its own time, like any job.
        else void handlers.answers({ name, data: JSON.parse(JSON.stringify(data)), tried: false, last: false })
      },
      withdraw: async () => false,
      startJobs: async () => undefined,
      startProjections: async (rollout, names) => void begun.push(...names.map((name) => `${name} of ${rollout}`)),
      close: async () => undefined,
    },
    messenger,
    reports: {
      save: async () => undefined,
      find: async () => report,
      newestVersion: async () => '5.1.0',
      keep: async () => undefined,
      startedOn: async () => null,
    },
    checkReadiness: async () => report,
    writtenRecord: { name: 'sink', settles: 0, show: async () => undefined },
    answers: { leave: async (_, answer) => void left.push(answer) },
    dependencies: { away: () => [] },
  })
  return { world, told, handlers, ordered, left, messenger, begun, redis }
}

test('a click waits until Slack says who holds a role: told once, decided then', async () => {
  const { world, told, handlers } = open()
  await startRelease(world)
  const [user = ''] = world.config.roles.sre?.users ?? []
  const data: Wish = { id: 'w1', at: world.time, user: { id: user, name: 'bo' }, ask: { kind: 'pause', reason: '' } }
  const run = (tried: boolean) => handlers.wishes({ name: 'wish', data, tried, last: false })
  world.people.failing = new SlipwayError('people-unknown', { method: 'users.info' })
  await expect(run(false)).rejects.toMatchObject({ code: 'people-unknown' })
  await expect(run(true)).rejects.toMatchObject({ code: 'people-unknown' })
  expect(told).toEqual([expect.stringContaining('is kept and decided as soon as it does')])
  world.people.failing = null
  expect(await run(true)).toBe('done')
  expect(told).toHaveLength(2)
  expect((await world.rollouts.current())?.paused).toBeDefined()
})

test('a sign-off that its giver withdrew while it waited for a look-up does not count, and starts nothing', async () => {
  const { world, told, handlers, messenger } = open()
  await prepareRelease(world)
  const [request] = (await world.rollouts.history(1)).filter((e) => e.type === 'sign-off-requested')
  const target = { rollout: 1, version: request?.version ?? 0 }
  const clicks = (id: string, role: string, kind: 'approve' | 'withdraw') => {
    const user = world.config.roles[role]?.users[0] ?? ''
    const data: Wish = { id, at: world.time, user: { id: user, name: role }, target, ask: { kind } }
    return (tried = false) => handlers.wishes({ name: 'wish', data, tried, last: false })
  }
  await clicks('w1', 'commander', 'approve')()
  const approve = clicks('w2', 'sre', 'approve')
  world.people.failing = new SlipwayError('people-unknown', { method: 'usergroups.users.list' })
  await expect(approve()).rejects.toMatchObject({ code: 'people-unknown' })
  world.people.failing = null
  world.time += 20_000
  await clicks('w3', 'sre', 'withdraw')()
  expect(told.at(-1)).toMatch(/^You have not signed this request for phase 1\. If .* under way, it does not count\.$/)
  await approve(true)
  expect(told.at(-1)).toMatch(/^You said this before you took your sign-off back\. Nothing was done\./)
  expect(await world.rollouts.current()).toMatchObject({ phase: 0, request: { signOffs: [{ role: 'commander' }] } })
  world.time += 1
  await clicks('w4', 'sre', 'approve')()
  expect(told.at(-1)).toMatch(/^Your sign-off counts, as sre\. Every role has signed\./)
  expect((await world.rollouts.current())?.phase).toBe(1)
  await handlers.projections({ name: 'thread', data: { rollout: 1 }, tried: false, last: false })
  expect(messenger.posted.filter(({ message }) => message.text.includes('withdrawn'))).toEqual([])
})

test('what an older Slipway wants written to the sink is left to the queue that is meant for it', async () => {
  const { handlers, begun } = open()
  const job = { name: 'sink', data: { rollout: 3 }, tried: false, last: false }
  expect(await handlers.projections(job)).toBe('done')
  expect(begun).toEqual(['sink of 3'])
  expect(await handlers.uploads(job)).toBe('done')
  expect(begun).toHaveLength(1)
})

test('what a Redis may have taken from a wish is handed on again, without a word in between', async () => {
  const { world, told, handlers, ordered, redis } = open()
  const [user = ''] = world.config.roles.sre?.users ?? []
  const ask = { kind: 'readiness', version: '5.1.0' } as const
  const data: Wish = { id: 'w1', at: world.time, user: { id: user, name: 'bo' }, ask }
  const run = (tried: boolean) => handlers.wishes({ name: 'wish', data, tried, last: false })
  redis.error = new SlipwayError('hand-over-in-doubt', {})
  await expect(run(false)).rejects.toThrow(redis.error)
  expect(told).toEqual([])
  delete redis.error
  await run(true)
  expect(ordered).toMatchObject([{ name: 'readiness' }])
  expect(told).toEqual([expect.stringContaining('Checking 5.1.0')])
})

test('whoever orders a rollback that fails is told at once, and how it is done by hand', async () => {
  const { world, told, handlers } = open()
  await startRelease(world)
  const ask = { kind: 'rollback', reason: '', forced: true, confirmed: false } as const
  const data: Wish = { id: 'w1', at: world.time, user: { id: 'U0SRE', name: 'bo' }, ask }
  const newer = new SlipwayError('ledger-newer-schema', { rollout: '1', type: 'x', version: 9 })
  Object.assign(world.rollouts, { current: () => Promise.reject(newer) })
  const run = (tried: boolean) => handlers.rollback({ name: 'wish', data, tried, last: false })
  await expect(run(false)).rejects.toThrow(newer)
  await expect(run(true)).rejects.toThrow(newer)
  expect(told).toEqual([expect.stringMatching(/^ROLLBACK NOT DONE YET\..*By hand: slipway rollback -f$/)])
})

test('while Slack hangs nobody who asks for a rollback keeps another waiting: the answer comes in its own time', async () => {
  const { world, told, handlers, messenger } = open()
  await startRelease(world)
  const { promise: back, resolve: comeBack } = Promise.withResolvers<void>()
  const { tell } = messenger
  messenger.tell = (...telling) => back.then(() => tell(...telling))
  const asks = (id: string, forced: boolean) => {
    const ask = { kind: 'rollback', reason: '', forced, confirmed: false } as const
    const data: Wish = { id, at: world.time, user: { id: 'U0SRE', name: 'bo' }, ask }
    return handlers['rollback-wishes']({ name: 'wish', data, tried: false, last: false })
  }
  for (let click = 1; click <= 10; click++) expect(await asks(`w${click}`, false)).toBe('done')
  expect(await asks('forced', true)).toBe('done')
  expect((await world.rollouts.current())?.stage).toBe('rolling-back')
  expect(told).toEqual([])
  comeBack()
  await expect.poll(() => told).toHaveLength(11)
  expect(told.at(-1)).toMatch(/^Rolling back\./)
})

test('an answer that comes late says when it was asked for', async () => {
  const { world, handlers, messenger } = open()
  const told: Message[] = []
  Object.assign(messenger, { tell: async (_: string, message: Message) => void told.push(message) })
  const data = tellingOf({ id: 'w1', at: world.time, user: { id: 'U0SRE', name: 'bo' } }, { text: 'Help.' })
  const run = () => handlers.answers({ name: 'answer', data, tried: false, last: false })
  await run()
  world.time += 3_600_000
  await run()
  expect(told.map(({ blocks }) => blocks.length)).toEqual([1, 2])
  expect(JSON.stringify(told[1]?.blocks)).toMatch(/This answers what you asked at <!date\^/)
})

test('a click that could not be decided to the end is answered', async () => {
  const { world, told, handlers } = open()
  await startRelease(world)
  const data: Wish = { id: 'w1', at: world.time, user: { id: 'U0SRE', name: 'bo' }, ask: { kind: 'pause', reason: '' } }
  world.people.failing = new SlipwayError('people-unknown', { method: 'users.info' })
  expect(await handlers.wishes({ name: 'wish', data, tried: true, last: true })).toBe('done')
  expect(told).toEqual([expect.stringContaining('Nothing was done. Do it again')])
})

test('a terminal that asks for readiness is answered by the report alone', async () => {
  const { world, told, handlers, ordered, left } = open()
  const user = { id: 'cli:ada@laptop', name: 'ada@laptop (terminal, unverified)' }
  const data: Wish = {
    id: 't-1',
    at: world.time,
    user,
    from: { via: 'terminal' },
    ask: { kind: 'readiness', version: '5.1.0', categories: ['data'] },
  }
  await handlers.wishes({ name: 'wish', data, tried: false, last: false })
  expect(left).toEqual([])
  const [order] = ordered
  expect(order).toMatchObject({
    queue: 'readiness',
    name: 'readiness',
    data: { version: '5.1.0', categories: ['data'], terminal: true },
  })
  await handlers.readiness({ name: 'readiness', data: order?.data, tried: false, last: false })
  expect(left).toMatchObject([{ refused: false, report: { version: '5.1.0', judgement: 'ready' } }])
  expect(told).toEqual([])
  // Where an older Slipway has put it.
  await handlers.steps({ name: 'readiness', data: order?.data, tried: false, last: false })
  expect(left).toHaveLength(2)
})

test('a lock is told in the channel where no rollout is under way, else in its thread alone', async () => {
  const { world, handlers, ordered, messenger } = open()
  const [user = ''] = world.config.roles.sre?.users ?? []
  let wishes = 0
  const asks = async (ask: Wish['ask']) => {
    const data: Wish = { id: `w${++wishes}`, at: world.time, user: { id: user, name: 'bo' }, ask }
    const run = () => handlers.wishes({ name: 'wish', data, tried: false, last: false })
    // The second is as after a crash.
    for (const _ of ['once', 'again']) await run()
    for (const { name, data } of ordered.splice(0))
      await handlers.projections({ name, data, tried: false, last: false })
  }
  const said = () => messenger.posted.map(({ message }) => message.text)
  await asks({ kind: 'lock', reason: 'an incident' })
  await asks({ kind: 'unlock' })
  expect(said()).toEqual([expect.stringContaining('*Locked* by'), expect.stringContaining('*Unlocked* by')])
  await startRelease(world)
  await asks({ kind: 'lock', reason: 'an incident' })
  expect(said()).toHaveLength(2)
  expect((await world.rollouts.history(1)).map((e) => e.type)).toContain('locked')
  await say(world, { type: 'roll-back', reason: '', forced: true })
  await rollBack(world, 1, false)
  await asks({ kind: 'unlock' })
  expect(said()).toHaveLength(3)
})

describe('a click that no longer means anything is told why, in private, and is on record', () => {
  const [sre = ''] = createFakeWorld().config.roles.sre?.users ?? []
  async function clicks(
    ask: Wish['ask'],
    version: number,
    before: (world: FakeWorld) => Promise<void> = async () => undefined,
  ) {
    const { world, handlers, told } = open()
    await prepareRelease(world)
    await before(world)
    const events = (await world.rollouts.history(1)).length
    const target = { rollout: 1, version }
    const data: Wish = { id: 'w1', at: world.time, user: { id: sre, name: 'bo' }, target, ask }
    await handlers.wishes({ name: 'wish', data, tried: false, last: false })
    expect(await world.rollouts.history(1)).toHaveLength(events)
    return { told, entry: await world.record.find('w1') }
  }
  const requested = 3

  test('a request that there never was', async () => {
    const { told, entry } = await clicks({ kind: 'approve' }, 99)
    expect(told).toEqual([
      expect.stringMatching(/^No such request is known\. Your click changed nothing\. The thread shows/),
    ])
    expect(entry).toMatchObject({ outcome: 'refused', code: 'request-unknown', by: { id: sre } })
  })

  test('a checkpoint that there is not', async () => {
    const { told, entry } = await clicks({ kind: 'tick-checkpoint', checkpoint: 9 }, requested)
    expect(told).toEqual([expect.stringMatching(/^This is no checkpoint of phase 1 that can be ticked off now\. /)])
    expect(entry).toMatchObject({ outcome: 'refused', code: 'no-such-checkpoint' })
  })

  test('a plan that is no longer the one that was shown, with what differs', async () => {
    const { told, entry } = await clicks({ kind: 'approve' }, requested, async ({ memory }) => {
      const [asked] = (await memory.read(1, 0)).slice(requested - 1)
      if (asked?.type !== 'sign-off-requested') throw new Error('nothing was asked for')
      const { hash: _, ...event } = asked
      memory.cut(1, requested - 1)
      await memory.append(1, requested - 1, [{ ...event, plan: asked.plan.replace('5.1.0', '5.0.9') }], true)
    })
    const differs =
      /^The plan of phase 1 has changed since it was shown: .*5\.0\.9.*5\.1\.0.*\. Ask again with `\/deploy advance`/
    expect(told).toEqual([expect.stringMatching(differs)])
    expect(entry).toMatchObject({ outcome: 'refused', code: 'plan-changed' })
  })
})

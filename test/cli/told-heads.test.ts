import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import type { KnownBlock } from '@slack/web-api'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { audit } from '../../src/cli/audit.ts'
import { Secret } from '../../src/config/secret.ts'
import { createCursors } from '../../src/ledger/cursors.ts'
import { headsLine, ledgerHeadText } from '../../src/ledger/head-text.ts'
import { keysOf } from '../../src/ledger/keys.ts'
import { createRedisLedger } from '../../src/ledger/redis-ledger.ts'
import { schemaVersion } from '../../src/rollout/events.ts'
import { context, section } from '../../src/slack/message.ts'
import { formerRootsNote, rootNote } from '../../src/slack/threads-of.ts'
import { useRedis } from '../ledger/use-redis.ts'

const service = 'claude-enhancer'
const channel = { id: 'C1', name: 'claude-enhancer-5-1-deployment', is_member: true }
const keys = keysOf(service)

let redis: Redis
const ledgers = useRedis((client) => {
  redis = client
})

/** What Slipway has posted in every thread beside the head. */
let quoting: { readonly user: string; readonly blocks: readonly KnownBlock[] }[]
/** What Slack answers about a thread, in turn, the last for good: a head, a refusal's word, or the seconds to wait. */
let threads: Map<string, (string | number)[]>
const pauses: number[] = []
let slack: Server
let apiUrl: string
beforeAll(async () => {
  slack = createServer(async (request, response) => {
    const thread = new URLSearchParams(await text(request)).get('ts') ?? ''
    const say = (answer: object) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ ok: true, ...answer }))
    if (request.url?.endsWith('auth.test')) return say({ user_id: 'U0SLIPWAY' })
    if (request.url?.endsWith('users.conversations')) return say({ channels: [channel] })
    const [next = 'thread_not_found', ...later] = threads.get(thread) ?? []
    if (later.length > 0) threads.set(thread, later)
    if (typeof next === 'number') return response.writeHead(429, { 'retry-after': String(next) }).end()
    if (!next.includes('sha256')) return say({ ok: false, error: next })
    say({
      messages: [...quoting, { user: 'U0SLIPWAY', blocks: [section('Phase 1 starts.'), context(headsLine([next]))] }],
    })
  })
  slack.listen(0, '127.0.0.1')
  await once(slack, 'listening')
  apiUrl = `http://127.0.0.1:${z.object({ port: z.number() }).parse(slack.address()).port}/api/`
})
afterAll(() => {
  slack.close()
  slack.closeAllConnections()
})

/** Three rollouts of one event, each with a thread that tells its head. */
beforeEach(async () => {
  await redis.flushall()
  threads = new Map()
  quoting = []
  pauses.length = 0
  const ledger = createRedisLedger(redis, service, keys)
  for (const rollout of [1, 2, 3]) {
    const place = { v: schemaVersion, service, rollout, version: 1, at: 1, command: 'c' } as const
    await ledger.append(rollout, 0, [{ type: 'phase-started', phase: 1, request: 1, ...place }], false)
    await ledger.close(rollout, 1)
    await createCursors(redis, keys).keep(rollout, rootNote, `17.${rollout}`)
    const [event] = await ledger.read(rollout, 0)
    if (event?.hash === undefined) throw new Error('not chained')
    threads.set(`17.${rollout}`, [ledgerHeadText(event, event.hash)])
  }
})

const day = 24 * 3_600_000
/** `after` the rollouts (ms): 91 days, when Slack may have removed their threads. */
const verify = (after = 91 * day) =>
  audit({
    ...{ verify: true, format: 'text', config: 'deployment-config.yaml', now: after, redisUrl: ledgers.url },
    slack: () => ({ botToken: new Secret('xoxb-1'), apiUrl }),
    pause: async (ms) => void pauses.push(ms),
  })

/** Slack answers so about the thread of a rollout, before it tells the head where `then` says so. */
const answers = (rollout: number, first: (string | number)[], then: 'head' | 'nothing else') => {
  const name = `17.${rollout}`
  threads.set(name, then === 'head' ? [...first, ...(threads.get(name) ?? [])] : first)
}

test('threads that Slack does not give are named, and the heads in the others count', async () => {
  answers(1, ['thread_not_found'], 'nothing else')
  answers(2, ['thread_not_found'], 'nothing else')
  const { lines, exit } = await verify()
  expect(lines).toEqual([
    'Whole: 3 rollouts with 3 events, 0 entries of the record; 1 told heads fit.',
    '  (The heads told in the threads of these rollouts were not read, or not all: 1, 2. Slack refused conversations.replies: thread_not_found.)',
  ])
  expect(exit).toBe(0)
})

test('a head that somebody wrote as a reason is none that Slipway told, wherever it is quoted', async () => {
  const forged = `${service}/3/1 sha256:${'0'.repeat(64)}`
  const line = headsLine([forged])
  const blocks = [
    section(line),
    context(`Since then:\n${line}`),
    context(`Paused: ${line}`),
    context(`${line}\n${line}`),
  ]
  quoting = [
    { user: 'U0SLIPWAY', blocks },
    { user: 'U1', blocks: [context(line)] },
  ]
  expect(await verify()).toEqual({ lines: [expect.stringMatching(/^Whole: .* 3 told heads fit/)], exit: 0 })
})

test('a ledger that was rewritten is found by its thread when an older thread is gone', async () => {
  answers(1, ['thread_not_found'], 'nothing else')
  answers(3, [`${service}/3/1 sha256:${'a'.repeat(64)}`], 'nothing else')
  const { lines, exit } = await verify()
  expect(lines.join('\n')).toMatch(/Event claude-enhancer\/3\/1 is not the one that there was\. Its head was told\./)
  expect(exit).toBe(1)
})

test('nothing is proven where no thread could be read, and not said that there was no head', async () => {
  for (const rollout of [1, 2, 3]) answers(rollout, ['thread_not_found'], 'nothing else')
  const { lines, exit } = await verify()
  expect(lines[0]).toMatch(/^Not proven: .* fit with themselves, but were compared with no told head\.$/)
  expect(lines[1]).toMatch(/not read, or not all: 1, 2, 3\. /)
  expect(exit).toBe(3)
})

const untold = (rollout: number) =>
  `  (No head of these rollouts was found, though their threads should tell one: ${rollout}. They may have been rewritten; or it was not told yet.)`

test.each([
  ['is gone from Redis', () => redis.hdel(keys.cursors(3), `note:${rootNote}`)],
  ['is said to be that of another', () => redis.hset(keys.cursors(3), `note:${rootNote}`, '17.1')],
])('a rollout is not proven where its thread %s', async (_, tamper) => {
  await tamper()
  const { lines, exit } = await verify()
  expect(lines[0]).toMatch(/^Not proven: .* but not every rollout was compared with one\.$/)
  expect(lines).toContain(untold(3))
  expect(exit).toBe(3)
})

test('a head counts that was told below a card which somebody has deleted since', async () => {
  const told = await redis.hget(keys.cursors(3), `note:${rootNote}`)
  await redis.hset(keys.cursors(3), `note:${rootNote}`, '17.1', `note:${formerRootsNote}`, `16.1 ${told}`)
  expect(await verify()).toMatchObject({ exit: 0 })
})

test('a thread that Slack does not give excuses a rollout once it is old', async () => {
  answers(3, ['thread_not_found'], 'nothing else')
  expect((await verify(89 * day)).lines).toContain(untold(3))
  expect(await verify(89 * day)).toMatchObject({ exit: 3 })
  expect(await verify()).toMatchObject({ exit: 0 })
})

test('a pause that Slack asks for is kept, and the thread is read', async () => {
  answers(2, [30, 20], 'head')
  expect((await verify()).lines).toEqual([expect.stringMatching(/^Whole: .* 3 told heads fit/)])
  expect(pauses).toEqual([30_000, 20_000])
})

test('pauses are kept twice a thread, and ten minutes in all', async () => {
  answers(1, [240], 'nothing else')
  answers(2, [240], 'nothing else')
  answers(3, [60], 'head')
  const { lines, exit } = await verify()
  expect(pauses).toEqual([240_000, 240_000, 60_000])
  expect(lines[0]).toMatch(/^Whole: .* 1 told heads fit/)
  expect(lines[1]).toMatch(/not read, or not all: 1, 2\. Slack asks for a pause of 240 s/)
  expect(exit).toBe(0)
})

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type AuditOptions, audit } from '../../src/cli/audit.ts'
import { chained, chainStart } from '../../src/ledger/chain.ts'
import { createCursors } from '../../src/ledger/cursors.ts'
import { ledgerHeadText, recordHeadText } from '../../src/ledger/head-text.ts'
import { keysOf } from '../../src/ledger/keys.ts'
import { createRecord } from '../../src/ledger/record.ts'
import { createRedisLedger } from '../../src/ledger/redis-ledger.ts'
import { createRollouts } from '../../src/ledger/rollouts.ts'
import { tellsHead } from '../../src/rollout/heads.ts'
import { createFakeWorld, type FakeWorld } from '../jobs/fake-world.ts'
import { say, startRelease } from '../jobs/release.ts'
import { testRedis } from '../ledger/redis-server.ts'
import { service } from '../rollout/drive.ts'
import { hostile } from '../slack/hostile.ts'

let server: Awaited<ReturnType<typeof testRedis>>
let redis: Redis
let dir: string
beforeAll(async () => {
  server = await testRedis()
  redis = new Redis(server.redis.url)
  dir = await mkdtemp(join(tmpdir(), 'slipway-audit-'))
})
afterAll(async () => {
  redis.disconnect()
  await server.stop()
  await rm(dir, { recursive: true, force: true })
})

const keys = keysOf(service)
const reason = `=HYPERLINK("http://x","${hostile}")`
let world: FakeWorld
beforeEach(async () => {
  await redis.flushall()
  const fake = createFakeWorld()
  const rollouts = createRollouts(service, createRedisLedger(redis, service, keys), async () => undefined)
  world = { ...fake, rollouts, record: createRecord(redis, service, keys) }
  await startRelease(world)
  await say(world, { type: 'pause', reason })
  const [last] = (await rollouts.history(1)).slice(-1)
  if (last?.hash === undefined) throw new Error('not chained')
  const by = { id: 'U000SRE', name: 'SRE', via: 'slack' } as const
  const from = { via: 'button', channel: 'C1', thread: '17.1' } as const
  const asked = { type: 'asked', at: world.time, by, from, answer: 'Done.' } as const
  const led = { rollout: 1, version: last.version, hash: last.hash }
  await world.record.append({ ...asked, id: last.command, ask: { kind: 'pause', reason }, outcome: 'done', led })
  await world.record.append({ ...asked, id: 'w2', ask: { kind: 'resume' }, outcome: 'refused', code: 'role-not-held' })
  const cli = { id: 'cli:ann@host', name: 'ann@host', via: 'cli' } as const
  await world.record.append({
    ...asked,
    id: 'w3',
    by: cli,
    from: { via: 'terminal' },
    ask: { kind: 'status' },
    outcome: 'done',
  })
})

function run(options: Partial<AuditOptions> = {}) {
  return audit({
    ...{ verify: false, format: 'text', service, config: '', now: world.time },
    ...{ redisUrl: () => server.redis.url, pause: async () => undefined, slack: () => null },
    ...options,
  })
}

/** The heads as they were told so far, as somebody noted them. */
async function noted(): Promise<string> {
  const events = await world.rollouts.history(1)
  const heads = events.filter(tellsHead).map((event) => ledgerHeadText(event, event.hash))
  const head = await world.record.head()
  const file = join(dir, 'heads')
  await writeFile(file, [...heads, head === null ? '' : recordHeadText(service, head)].join('\n'))
  expect(heads).toHaveLength(1)
  return file
}

/** Writes a list anew, each line changed, with hashes that fit. */
async function rehash(key: string, change: (entry: Record<string, unknown>) => object): Promise<void> {
  const entries = (await redis.lrange(key, 0, -1)).map((line) => change(JSON.parse(line)))
  await redis.del(key)
  await redis.rpush(key, ...chained(entries, chainStart).map((entry) => JSON.stringify(entry)))
}

test('a record that nobody touched is whole by the heads that were told, and not proven without any', async () => {
  const { lines, exit } = await run({ verify: true, heads: await noted() })
  expect(lines[0]).toMatch(/^Whole: 1 rollouts with \d+ events, 3 entries of the record; 2 told heads fit/)
  expect(exit).toBe(0)
  expect(await run({ verify: true })).toMatchObject({ exit: 3 })
  const [event] = (await world.rollouts.history(1)).slice(-1)
  expect(await run({ verify: true, head: event?.hash ?? '' })).toMatchObject({ exit: 0 })
  await expect(run({ verify: true, head: 'abc' })).rejects.toMatchObject({ code: 'usage' })
})

test('a Redis that is away proves nothing, and is no sign of a change', async () => {
  const away = { verify: true, redisUrl: () => 'redis://127.0.0.1:1' }
  const { lines, exit } = await run(away)
  expect(lines).toEqual(['Not proven: nothing was compared.', expect.stringMatching(/^ {2}\(Redis /)])
  expect(exit).toBe(3)
  const [json = ''] = (await run({ ...away, format: 'json' })).lines
  expect(JSON.parse(json)).toMatchObject({ service, findings: [], compared: 0, exit: 3 })
  await expect(run({ redisUrl: away.redisUrl })).rejects.toMatchObject({ code: 'ledger-unavailable' })
})

test('nor does one that refuses', async () => {
  const refused = { redisUrl: () => `redis://nobody:wrong@${new URL(server.redis.url).host}` }
  const { lines, exit } = await run({ verify: true, ...refused })
  expect(lines).toEqual(['Not proven: nothing was compared.', expect.stringMatching(/^ {2}\(Redis refuses /)])
  expect(exit).toBe(3)
  await expect(run(refused)).rejects.toMatchObject({ code: 'ledger-refused' })
})

const edit = async (key: string, index: number, change: object) => {
  const line = (await redis.lindex(key, index)) ?? ''
  await redis.lset(key, index, JSON.stringify({ ...JSON.parse(line), ...change }))
}

test.each<[string, () => Promise<unknown>, RegExp]>([
  [
    'an edited event',
    () => edit(keys.events(1), 3, { role: 'commander', at: 7 }),
    /Event claude-enhancer\/1\/4 is not what/,
  ],
  ['an edited entry', () => edit(keys.record, 1, { code: 'usage' }), /Entry 2 of the record is not what/],
  [
    'an event taken out',
    async () => redis.lrem(keys.events(1), 1, (await redis.lindex(keys.events(1), 2)) ?? ''),
    /does not hang on the entry before/,
  ],
  [
    'a truncated ledger',
    () => redis.rpop(keys.events(1)),
    /Event claude-enhancer\/1\/\d+ is missing\. Entry 1 of the record tells of it/,
  ],
  ['a truncated record', () => redis.rpop(keys.record), /The record ends with entry 2, but there was an entry 3/],
  ['a record without its beginning', () => redis.lpop(keys.record), /Entry 1 of the record does not hang on/],
  [
    'a record that pretends to have been kept for long enough',
    async () => {
      await redis.lpop(keys.record)
      await redis.set(keys.recordRemoved, 1)
    },
    /first 1 entries of the record are missing/,
  ],
  ['a ledger that was removed', () => redis.del(keys.events(1)), /Rollout 1 is missing/],
  [
    'a ledger rehashed, the record left',
    () => rehash(keys.events(1), (e) => ({ ...e, at: 5 })),
    /is not the one that there was\. Entry 1 of the record tells of it/,
  ],
])('%s is found without any head', async (_, tamper, found) => {
  await tamper()
  const { lines, exit } = await run({ verify: true })
  expect(lines.join('\n')).toMatch(found)
  expect(exit).toBe(1)
})

test('a ledger that is shorter than what was shown of it is found', async () => {
  await redis.del(keys.record, keys.recordIds)
  await createCursors(redis, keys).finish(1, 'journal', { version: (await world.rollouts.history(1)).length })
  expect(await run({ verify: true })).toMatchObject({ exit: 3 })
  await redis.rpop(keys.events(1))
  expect((await run({ verify: true })).lines.join('\n')).toMatch(/ends with event \d+, but there was an event/)
})

test('a record that was rehashed as a whole fits with itself, and is found by the heads that were told', async () => {
  const heads = await noted()
  await rehash(keys.events(1), (event) =>
    event.type === 'signed-off' ? { ...event, by: { id: 'U0EVIL', name: 'SRE', via: 'slack' } } : event,
  )
  const lines = (await redis.lrange(keys.events(1), 0, -1)).map((line) => JSON.parse(line))
  await rehash(keys.record, (entry) =>
    'led' in entry ? { ...entry, led: { rollout: 1, version: lines.length, hash: lines.at(-1).hash } } : entry,
  )
  expect(await run({ verify: true })).toMatchObject({ exit: 3 })
  const { lines: told, exit } = await run({ verify: true, heads })
  expect(exit).toBe(1)
  expect(told.filter((line) => line.includes('is not the one that there was. Its head was told.'))).toHaveLength(2)
})

test('an old ledger without a chain says from where on it is chained', async () => {
  const unchained = (await redis.lrange(keys.events(1), 0, -1)).map((line) => {
    const { prev: _prev, hash: _hash, ...event } = JSON.parse(line)
    return JSON.stringify(event)
  })
  await redis.del(keys.events(1), keys.record, keys.recordIds)
  await redis.rpush(keys.events(1), ...unchained)
  expect((await run({ verify: true })).lines.join('\n')).toMatch(/Rollout 1 is not chained/)
  await say(world, { type: 'resume' })
  const { lines, exit } = await run({ verify: true })
  expect(lines.join('\n')).toMatch(`Rollout 1 is chained from event ${unchained.length + 1} on.`)
  expect(exit).toBe(3)
})

test('everything on record is shown with who, when, in which role, why, where from, and what was signed', async () => {
  const { lines, exit } = await run({ format: 'json' })
  const rows = lines.map((line) => JSON.parse(line))
  expect(exit).toBe(0)
  expect(rows.find((row) => row.kind === 'sign-off')).toMatchObject({
    ...{ role: expect.any(String), verified: true, signedHash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    signed: expect.stringContaining('"plan"'),
  })
  expect(rows.find((row) => row.what === 'paused')).toMatchObject({
    kind: 'decision',
    why: reason,
    from: 'button C1 17.1',
  })
  expect(rows.find((row) => row.kind === 'refusal')).toMatchObject({ what: 'resume: role-not-held', actor: 'U000SRE' })
  expect(rows.find((row) => row.what === 'status')).toMatchObject({
    actor: 'cli:ann@host',
    verified: false,
    from: 'terminal',
  })
  expect((await run({ format: 'json', kind: 'refusal,sign-off' })).lines).toHaveLength(3)
  expect((await run({ since: '2h', kind: 'refusal' })).lines).toHaveLength(1)
  expect((await run({ since: '2026-07-01', kind: 'refusal' })).lines).toEqual(['Nothing of this is on record.'])
  await expect(run({ kind: 'approval' })).rejects.toMatchObject({ code: 'usage' })
  await expect(run({ since: 'yesterday' })).rejects.toMatchObject({ code: 'usage' })
})

test('as CSV nothing that somebody wrote is a formula, a line or a cell of its own', async () => {
  const { lines } = await run({ format: 'csv' })
  const [head = '', ...rows] = lines
  const cells = (line: string) =>
    [...line.matchAll(/"((?:[^"]|"")*)"(?:,|$)/g)].map(([, text = '']) => text.replaceAll('""', '"'))
  expect(head).toBe('"time","kind","place","actor","name","verified","role","what","why","from","signed_hash","hash"')
  for (const row of rows) {
    expect(cells(row)).toHaveLength(12)
    expect(cells(row).filter((text) => /^\s*[=+\-@]/.test(text))).toEqual([])
    expect(row).not.toMatch(/\p{Cc}/u)
  }
  expect(rows.map((row) => cells(row)[8])).toContainEqual(expect.stringMatching(/^'=HYPERLINK/))
})

test('what cannot be read is named, the rest is shown', async () => {
  await redis.lset(keys.events(1), 1, '{')
  const { lines, exit } = await run()
  expect(exit).toBe(1)
  expect(lines.at(-1)).toMatch(/^#1 /)
  expect(lines.join('\n')).toContain('unverified')
})

test('shows what was typed and not understood, whom a release was handed to, and an override as one', async () => {
  const by = { id: 'U000COMMANDER', name: 'Commander', via: 'slack' } as const
  const asked = { type: 'asked', at: world.time, by, from: { via: 'command', channel: 'C1' }, answer: '' } as const
  const unclear = { kind: 'unclear', mistake: 'There is none.', said: 'rolback now' }
  await world.record.append({ ...asked, id: 'u', ask: unclear, outcome: 'refused', code: 'usage' })
  await world.record.append({ ...asked, id: 'h', ask: { kind: 'handover', to: 'U0NIGHT' }, outcome: 'done' })
  const lock = { id: 'l', by, at: world.time, reason: 'an incident' }
  const override = { type: 'override', reason: 'it mends it', roles: ['commander'], holders: [] } as const
  await world.rollouts.execute(1, { ...override, id: 'o', at: world.time, by, lock })
  const text = (await run()).lines.join('\n')
  expect(text).toMatch(/refusal .*unclear: usage · rolback now · from command C1/)
  expect(text).toMatch(/command .*handover U0NIGHT/)
  expect(text).toMatch(/override .*hold-overridden · as commander · it mends it/)
})

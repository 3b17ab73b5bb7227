import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { type HistoryOptions, history } from '../../src/cli/history.ts'
import { eventText } from '../../src/cli/history-text.ts'
import { createJournal } from '../../src/jobs/journal.ts'
import { canonicalHash } from '../../src/ledger/canonical-hash.ts'
import { keysOf } from '../../src/ledger/keys.ts'
import { fold, readWhole } from '../../src/ledger/replay.ts'
import { schemaVersion } from '../../src/rollout/events.ts'
import { slipwayMain } from '../../src/sandbox/slipway-process.ts'
import { testRedis } from '../ledger/redis-server.ts'

const service = 'claude-enhancer'
const kept = new URL('../ledger/versions/', import.meta.url)
const ledgers = readdirSync(kept).flatMap((version) =>
  readdirSync(new URL(`${version}/`, kept)).map((file) => ({
    name: `${version}/${file}`,
    lines: readFileSync(new URL(`${version}/${file}`, kept), 'utf8')
      .trim()
      .split('\n'),
  })),
)
const linesOf = (name: string) => ledgers.find((l) => l.name === name)?.lines ?? []
/** The lines as another rollout's. */
const numbered = (lines: readonly string[], rollout: number) =>
  lines.map((line) => JSON.stringify({ ...z.record(z.string(), z.unknown()).parse(JSON.parse(line)), rollout }))

const folder = mkdtempSync(join(tmpdir(), 'slipway-history-'))
let server: Awaited<ReturnType<typeof testRedis>>
let redis: Redis
beforeAll(async () => {
  server = await testRedis()
  redis = new Redis(server.redis.url)
  for (const [i, { lines }] of ledgers.entries())
    await redis.rpush(keysOf(service).events(i + 1), ...numbered(lines, i + 1))
})
afterAll(async () => {
  redis.disconnect()
  await server.stop()
  rmSync(folder, { recursive: true })
})

function run(options: Partial<HistoryOptions>) {
  const config = 'deployment-config.yaml'
  return history({ replay: false, json: false, config, redisUrl: () => server.redis.url, ...options })
}

/** A journal of these lines. */
function journal(lines: readonly string[]): string {
  const file = join(folder, `${Math.random()}.jsonl`)
  writeFileSync(file, lines.join('\n'))
  return file
}

const replayed = z.object({ rollout: z.number(), hash: z.string().length(64), state: z.object({ stage: z.string() }) })
const hashOf = async (options: Partial<HistoryOptions>) =>
  replayed.parse(JSON.parse((await run({ ...options, replay: true, json: true })).lines[0] ?? '')).hash

describe.each(ledgers.map(({ name, lines }, i) => ({ name, lines, rollout: i + 1 })))('$name', ({ lines, rollout }) => {
  it('is replayed from Redis and from a journal to the same state', async () => {
    const events = readWhole(numbered(lines, rollout), service, rollout)
    const printed: string[] = []
    await createJournal((line) => void printed.push(line.trim())).show(
      events.map((event, i) => ({ event, state: fold(events.slice(0, i + 1), service, rollout), uncertain: false })),
      async () => undefined,
    )
    // Two processes' outputs, one after the other, with some lines twice, and their logs between.
    const odd = printed.filter((_, i) => i % 2 === 1)
    const even = printed.filter((_, i) => i % 2 === 0 || i % 5 === 0)
    const log = [
      '{"level":30,"time":1,"service":"claude-enhancer","rollout":1,"msg":"hello"}',
      'plain text',
      '{"cut',
      '',
    ]
    const hash = await hashOf({ rollout: String(rollout) })
    expect(await hashOf({ rollout: String(rollout), file: journal([...log, ...odd, ...log, ...even]) })).toBe(hash)
    // The ledger as it is, printed by a Slipway of its time.
    expect(await hashOf({ rollout: String(rollout), file: journal(numbered(lines, rollout)) })).toBe(hash)
    expect(hash).toBe(canonicalHash(fold(events, service, rollout)))
  })

  it('gives other states for every beginning of it', () => {
    const events = readWhole(numbered(lines, rollout), service, rollout)
    const hashes = events.map((_, i) => canonicalHash(fold(events.slice(0, i + 1), service, rollout)))
    expect(new Set(hashes).size).toBe(events.length)
  })
})

test('without a rollout they are listed, in order', async () => {
  const { lines, exit } = await run({})
  expect(exit).toBe(0)
  expect(lines).toHaveLength(ledgers.length)
  expect(lines[1]).toBe('#2  5.1.0  complete  2026-07-01 03:00:00Z  2026-07-01 09:42:05Z')
  const listed = (await run({ json: true })).lines.map((line) =>
    z.object({ stage: z.string() }).parse(JSON.parse(line)),
  )
  expect(listed.map((l) => l.stage)).toContain('released')
})

test('with one every event is printed, then the state', async () => {
  const rollout = String(ledgers.findIndex((l) => l.name === '1/rolled-back.jsonl') + 1)
  const { lines } = await run({ rollout, replay: true })
  expect(lines[9]).toMatch(
    /^ {2}10 {2}2026-07-01 03:00:00Z {2}rollback-ordered +Slipway +cause breach, forced, reason error-rate over/,
  )
  expect(lines.slice(20).map((line) => line.split(/ +/)[0])).toEqual([
    'events',
    'stage',
    'weight',
    'phase',
    'rollback',
    'page',
    'page',
    'clean-up',
    'fence',
    'hash',
  ])
  expect(lines).toContain('stage     rolled-back')
  expect(lines).toContain('weight    0 %')
})

describe('a ledger that is not whole', () => {
  const lines = linesOf('1/waiting.jsonl')
  const changed = (i: number, change: object) =>
    lines.map((line, at) => (at === i ? JSON.stringify({ ...JSON.parse(line), ...change }) : line))

  it.each([
    ['a gap', lines.toSpliced(3, 1), 'ledger-gap', 4],
    ['no beginning', lines.slice(1), 'ledger-gap', 1],
    ['an unreadable event', changed(4, { by: 'nobody' }), 'ledger-corrupt', 5],
    ['two beginnings', changed(4, { ...JSON.parse(lines[0] ?? ''), version: 5 }), 'ledger-corrupt', 5],
    ['two events in one place', [...lines, ...changed(4, { at: 5 })], 'ledger-corrupt', 5],
  ])('%s', async (_, written, code, seq) => {
    const file = journal(written)
    await expect(run({ rollout: '1', replay: true, file })).rejects.toMatchObject({ code, detail: { seq } })
  })

  it('a newer schema', async () => {
    const file = journal(changed(4, { v: schemaVersion + 1, type: 'teleported' }))
    await expect(run({ rollout: '1', file })).rejects.toMatchObject({ code: 'ledger-newer-schema' })
    expect(await run({ file })).toMatchObject({ exit: 1, lines: [expect.stringContaining('of a newer Slipway')] })
  })

  it.each([
    ['mangled', '{"v":1,', 'ledger-corrupt'],
    ['of another rollout', linesOf('1/waiting.jsonl')[8], 'ledger-corrupt'],
    ['that skips a version', linesOf('1/complete.jsonl')[20], 'ledger-gap'],
  ])('a line in Redis %s', async (_, line, code) => {
    const key = keysOf('other').events(7)
    await redis.del(key)
    const own = numbered(lines, 7).map((l) => l.replaceAll(`"service":"${service}"`, '"service":"other"'))
    await redis.rpush(key, ...own.slice(0, 8), line ?? '')
    await expect(run({ rollout: '7', service: 'other' })).rejects.toMatchObject({ code })
    expect(await run({ service: 'other' })).toMatchObject({ exit: 1 })
  })
})

test.each([
  [{ rollout: '99' }, 'claude-enhancer has no rollout 99. There are 1, 2, 3'],
  [{ rollout: 'x' }, 'claude-enhancer has no rollout x.'],
  [{ file: '/none/x' }, "The file /none/x can't be read."],
  [{ file: '/dev/null' }, 'The journal has no events.'],
  [{ file: '/dev/null', service: 'shop' }, 'The journal has no events of shop.'],
])('%j is refused', (options, what) =>
  expect(run(options)).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining(what) }),
)

test('of several services one is named', async () => {
  const lines = linesOf('1/shifting.jsonl')
  const file = journal([...lines, ...lines.map((l) => l.replaceAll('"service":"claude-enhancer"', '"service":"shop"'))])
  await expect(run({ file })).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('claude-enhancer or shop'),
  })
  expect((await run({ file, service: 'shop' })).lines).toHaveLength(1)
})

test('Redis away is told within its second', async () => {
  const begin = performance.now()
  await expect(run({ redisUrl: () => 'redis://127.0.0.1:1' })).rejects.toMatchObject({ code: 'ledger-unavailable' })
  expect(performance.now() - begin).toBeLessThan(15_000)
})

test('a Redis that refuses is told as such', async () => {
  const server = await testRedis()
  onTestFinished(server.stop)
  const { host } = new URL(server.redis.url)
  const redisUrl = () => `redis://nobody:wrong@${host}`
  await expect(run({ redisUrl })).rejects.toMatchObject({ code: 'ledger-refused' })
})

test('what people wrote does nothing to the terminal', () => {
  const head = { v: schemaVersion, service, rollout: 1, version: 9, at: 0, command: 'c' } as const
  const by = { id: 'U1', name: 'Sam\u001b[2J\u202e', via: 'slack' } as const
  const shown = eventText({ ...head, type: 'paused', by, reason: `first\r\n\u009b31msecond${'x'.repeat(500)}` })
  expect(shown).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  expect(shown.length).toBeLessThan(250)
})

test('the command reads standard input, needs no Slack, and exits with 1 for a ledger with a gap', async () => {
  const asked = async (lines: readonly string[]) => {
    const child = spawn(process.execPath, [slipwayMain, 'history', '1', '--replay', '--file', '-'], { env: {} })
    child.stdin.end(lines.join('\n'))
    const [ended, out, told] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)])
    return { code: z.number().parse(ended[0]), out, told }
  }
  const lines = linesOf('1/complete.jsonl')
  const whole = await asked(lines)
  expect(whole).toMatchObject({ code: 0, told: '' })
  expect(whole.out).toMatch(/^stage {5}complete$/m)
  expect(whole.out).toMatch(/\nhash {6}sha256:[0-9a-f]{64}\n$/)
  const gap = await asked(lines.toSpliced(30, 1))
  expect(gap).toMatchObject({ code: 1, told: expect.stringContaining('Event 31 of claude-enhancer/1 is missing.') })
})

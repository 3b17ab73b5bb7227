import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { keysOf } from '../../src/ledger/keys.ts'
import { createRedisLedger } from '../../src/ledger/redis-ledger.ts'
import { createRollouts, type Rollouts } from '../../src/ledger/rollouts.ts'
import { slipway } from '../../src/rollout/decide-rollback.ts'
import { requester, service, spec } from '../rollout/drive.ts'
import { prepared } from '../rollout/ways.ts'
import { testRedis } from './redis-server.ts'

/** Processes that click at the same time, and how many people click in each of them. */
const [processes, people] = [3, 4]

let server: Awaited<ReturnType<typeof testRedis>>
let redis: Redis
let rollouts: Rollouts
const clickers: Clicker[] = []
beforeAll(async () => {
  server = await testRedis()
  redis = new Redis(server.redis.url)
  rollouts = createRollouts(service, createRedisLedger(redis, service, keysOf(service)), async () => undefined)
  const phases = spec.phases.map((p) => ({ ...p, roles: ['sre', 'commander', 'sre'] }))
  const report = { id: 'r', version: spec.version, image: spec.image, validUntil: 10_000, blocks: 0 }
  await rollouts.start({ type: 'start', id: 's', at: 1, by: requester, spec: { ...spec, phases }, report })
  await rollouts.execute(1, { ...prepared, id: 'p', at: 2, by: slipway })
  for (let i = 0; i < processes; i++) clickers.push(await startClicker(`p${i}`))
})
afterAll(async () => {
  for (const { child } of clickers) child.kill()
  redis.disconnect()
  await server.stop()
})

interface Clicker {
  readonly child: ChildProcess
  /** Has these people click, and gives what became of each. */
  click(request: number, by: readonly { readonly id: string; readonly role: string }[]): Promise<readonly string[]>
}

async function startClicker(name: string): Promise<Clicker> {
  const script = new URL('clicker.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [script, server.redis.url, service, name], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => z.string().parse((await lines.next()).value)
  expect(await next()).toBe('ready')
  return {
    child,
    async click(request, by) {
      child.stdin.write(`${JSON.stringify({ request, by })}\n`)
      return z.array(z.string()).parse(JSON.parse(await next()))
    },
  }
}

const requestOf = async () => (await rollouts.load(1))?.request?.id ?? 0

/** Everybody clicks at once, in every process. */
async function all(request: number, roleOf: (person: number) => string): Promise<readonly string[]> {
  const answers = await Promise.all(
    clickers.map(({ click }, i) => {
      const by = Array.from({ length: people }, (_, j) => ({ id: `U${i}${j}`, role: roleOf(i * people + j) }))
      return click(request, by)
    }),
  )
  return answers.flat()
}

test('however many people click for the same sign-off at once, in however many processes, each is given once', async () => {
  for (let round = 1; round <= 5; round++) {
    const request = await requestOf()
    const answers = await all(request, () => 'sre')
    // Two sign-offs as SRE are wanted: twelve people, two of them in time.
    expect(answers.filter((a) => a === 'signed')).toHaveLength(2)
    expect(answers.filter((a) => a === 'slot-taken')).toHaveLength(processes * people - 2)
    const events = await rollouts.history(1)
    expect(events.filter((e) => e.type === 'signed-off' && e.request === request)).toHaveLength(2)
    expect(events.some((e) => e.type === 'phase-started')).toBe(false)
    await rollouts.execute(1, {
      type: 'cancel',
      request,
      roles: [],
      holders: [],
      id: `c${round}`,
      at: 11,
      by: requester,
    })
    await rollouts.execute(1, { type: 'advance', id: `a${round}`, at: 12, by: requester })
  }
})

test('clicks for different sign-offs are all decided, and the phase starts once', async () => {
  const request = await requestOf()
  const answers = await all(request, (person) => (person % 2 === 0 ? 'sre' : 'commander'))
  expect(answers.filter((a) => a === 'signed')).toHaveLength(3)
  expect(answers.every((a) => ['signed', 'slot-taken', 'request-decided'].includes(a))).toBe(true)
  const events = await rollouts.history(1)
  const signed = events.flatMap((e) => (e.type === 'signed-off' && e.request === request ? [e.role] : []))
  expect(signed.toSorted()).toEqual(['commander', 'sre', 'sre'])
  expect(events.filter((e) => e.type === 'phase-started')).toHaveLength(1)
})

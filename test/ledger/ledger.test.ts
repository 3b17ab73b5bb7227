import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { createBeside } from '../../src/ledger/beside.ts'
import { connect } from '../../src/ledger/connect.ts'
import { keysOf } from '../../src/ledger/keys.ts'
import { createLeases } from '../../src/ledger/leases.ts'
import { createRedisLedger } from '../../src/ledger/redis-ledger.ts'
import { createRollouts } from '../../src/ledger/rollouts.ts'
import type { Command } from '../../src/rollout/commands.ts'
import type { Job } from '../../src/rollout/effects.ts'
import { type Actor, schemaVersion } from '../../src/rollout/events.ts'
import { useRedis } from './use-redis.ts'

let redis: Redis
useRedis((client) => {
  redis = client
})

const { release } = await loadConfig('deployment-config.yaml')
const spec = { ...release, version: '5.1.0', image: 'registry.example.com/claude-enhancer:5.1.0' }
const person = (id: string): Actor => ({ id, name: id, via: 'slack' })

/** The rollouts of a service of the test's own, as one process has them. */
function processOf(service: string) {
  const keys = keysOf(service)
  const started: Job[] = []
  const ledger = createRedisLedger(redis, service, keys)
  const rollouts = createRollouts(service, ledger, async (_rollout, jobs) => void started.push(...jobs))
  return { keys, ledger, rollouts, started }
}

const report = { id: 'r', version: '5.1.0', image: spec.image, validUntil: 10_000, blocks: 0 }
const startCommand = (id = randomUUID()) => ({ type: 'start', id, at: 1, by: person('U1'), spec, report }) as const
const prepared: Command = {
  type: 'record-prepared',
  id: 'prepared',
  at: 2,
  by: person('slipway'),
  stable: 'blue',
  canary: 'green',
  stableSize: 6,
  stableImage: 'a',
  canaryImage: 'b',
}
const approve = (by: string, roles: readonly string[]): Command => ({
  type: 'approve',
  id: randomUUID(),
  at: 3,
  by: person(by),
  request: 3,
  roles,
  holders: [],
})

test('an append on a version that is no longer the newest is a conflict, and appends nothing', async () => {
  const { ledger, rollouts } = processOf('conflict')
  await rollouts.start(startCommand())
  const [event] = await rollouts.history(1)
  if (event === undefined) throw new Error('nothing was appended')
  expect(await ledger.append(1, 0, [event], true)).toBe('conflict')
  expect(await ledger.append(1, 2, [event], true)).toBe('conflict')
  expect(await rollouts.history(1)).toHaveLength(1)
})

test('of many starts at once by several processes one wins; the others are told why', async () => {
  const processes = Array.from({ length: 8 }, () => processOf('starts'))
  const results = await Promise.all(processes.map(({ rollouts }) => rollouts.start(startCommand())))
  expect(results.filter((r) => 'events' in r)).toHaveLength(1)
  expect(results.flatMap((r) => ('refusal' in r ? [r.refusal.code] : []))).toEqual(Array(7).fill('rollout-active'))
  expect(await processes[0]?.ledger.open()).toEqual([1])
})

test('concurrent clicks from several processes decide each slot once', async () => {
  const [first, second, third] = [processOf('clicks'), processOf('clicks'), processOf('clicks')]
  await first.rollouts.start(startCommand())
  await first.rollouts.execute(1, prepared)
  const results = await Promise.all([
    first.rollouts.execute(1, approve('UA', ['sre'])),
    second.rollouts.execute(1, approve('UB', ['sre'])),
    third.rollouts.execute(1, approve('UC', ['commander'])),
    first.rollouts.execute(1, approve('UC', ['commander'])),
  ])
  const events = await first.rollouts.history(1)
  const roles = events.flatMap((e) => (e.type === 'signed-off' ? [e.role] : []))
  expect(roles.toSorted()).toEqual(['commander', 'sre'])
  expect(events.filter((e) => e.type === 'phase-started')).toHaveLength(1)
  expect(results.filter((r) => 'refusal' in r)).toHaveLength(2)
  expect(events.map((e) => e.version)).toEqual(events.map((_, i) => i + 1))
})

test('a command that is repeated is taken once', async () => {
  const { rollouts, started } = processOf('repeat')
  const start = startCommand()
  await rollouts.start(start)
  expect(await rollouts.start(start)).toMatchObject({ events: [] })
  expect(started.map((j) => j.name)).toEqual(['prepare'])
})

test('an event of a newer schema leaves the rollout to newer processes; a mangled one is named', async () => {
  const { keys, rollouts } = processOf('schema')
  await rollouts.start(startCommand())
  await redis.rpush(keys.events(1), JSON.stringify({ v: schemaVersion + 1, type: 'teleported', version: 2 }))
  await expect(processOf('schema').rollouts.load(1)).rejects.toMatchObject({ code: 'ledger-newer-schema' })
  await redis.lset(keys.events(1), 1, '{"v":1,')
  await expect(processOf('schema').rollouts.load(1)).rejects.toMatchObject({
    code: 'ledger-corrupt',
    detail: { seq: 2 },
  })
})

test('services do not see each other', async () => {
  await processOf('one').rollouts.start(startCommand())
  expect(await processOf('two').rollouts.current()).toBeNull()
})

test('of the alerts that have not ended the one that fired last counts', async () => {
  const { keys } = processOf('alerts')
  const beside = createBeside(redis, keys)
  expect(await beside.alertFired(1)).toBeNull()
  await beside.alert(1, 'It fails', 'f00', 10_000)
  await beside.alert(1, 'fails', 'f01', 30_000)
  await beside.alert(1, 'It fails', 'f00', 20_000)
  expect([await beside.alertFired(1), await beside.alertFired(2)]).toEqual([30_000, null])
  const ofTitle = ['It fails', 'fails', 'nothing'].map((title) => beside.alertFired(1, title))
  expect(await Promise.all(ofTitle)).toEqual([20_000, 30_000, null])
  await beside.alert(1, 'fails', 'f01', null)
  expect([await beside.alertFired(1), await beside.alertFired(1, 'fails')]).toEqual([20_000, null])
})

test('observed time counts once an interval, however many watchers record it', async () => {
  const { keys } = processOf('beside')
  const beside = createBeside(redis, keys)
  const reading = (at: number) => ({ at, phase: 1, values: { p95: { value: 1 } } })
  expect(await beside.record(1, 'phase-1', reading(10_000), 10_000, 10_000)).toBe(10_000)
  expect(await beside.record(1, 'phase-1', reading(10_200), 10_000, 10_000)).toBe(10_000)
  expect(await beside.record(1, 'phase-1', reading(20_000), 9_800, 10_000)).toBe(19_800)
  // Its process stood still after it had looked at the readings before.
  expect(await beside.record(1, 'phase-1', reading(26_000), 10_000, 10_000)).toBe(25_800)
  expect((await beside.readings(1, 1)).map((r) => r.at)).toEqual([10_000, 20_000, 26_000])
  expect(await beside.readings(1, 2)).toEqual([])
})

test('readings and observed time expire once a rollout is closed, also when they are written after that', async () => {
  const { keys, ledger, rollouts } = processOf('expire')
  const beside = createBeside(redis, keys)
  await rollouts.start(startCommand())
  const { version = 0 } = (await rollouts.load(1)) ?? {}
  const names = [keys.readings(1), keys.observed(1)]
  const days = async () =>
    Promise.all(names.map(async (name) => Math.ceil((await redis.pttl(name)) / (24 * 3_600_000))))
  const look = (at: number) =>
    beside.record(1, 'phase-1', { at, phase: 1, values: { p95: { value: 1 } } }, 10_000, 10_000)
  await look(10_000)
  expect(await days()).toEqual([7, 7])
  await ledger.close(1, version - 1)
  expect(await days()).toEqual([7, 7])
  await ledger.close(1, version)
  expect(await days()).toEqual([1, 1])
  await redis.del(names)
  await look(20_000)
  expect(await days()).toEqual([7, 7])
})

test('a lease is held by one, and only its holder renews or releases it', async () => {
  const { keys } = processOf('leases')
  const leases = createLeases(redis, keys, randomUUID)
  const mine = await leases.take('watch', 60_000)
  expect(await leases.take('watch', 60_000)).toBeNull()
  await redis.set(keys.lease('watch'), 'somebody-else')
  expect(await mine?.renew(60_000)).toBe(false)
  await mine?.release()
  expect(await redis.get(keys.lease('watch'))).toBe('somebody-else')
})

test('while Redis is away every call says so within its second', async () => {
  const away = connect('redis://127.0.0.1:1', 'calls')
  const ledger = createRedisLedger(away, 'away', keysOf('away'))
  await expect(ledger.latest()).rejects.toMatchObject({ code: 'ledger-unavailable' })
  away.disconnect()
})

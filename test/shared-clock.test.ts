import fc from 'fast-check'
import type { Redis } from 'ioredis'
import { describe, expect, it, test } from 'vitest'
import { keepSynced } from '../src/keep-synced.ts'
import { createSharedClock, redisTime } from '../src/shared-clock.ts'
import { useRedis } from './ledger/use-redis.ts'

const minute = 60_000
const hour = 60 * minute
const real = Date.UTC(2026, 0, 1)

/** A machine and a Redis whose clocks are set by hand. `pass` lets real time go by. */
function machine({ wallOff = 0, redisOff = 0 } = {}) {
  const at = { time: 0, wall: wallOff, redis: redisOff, roundTrip: 2, away: false }
  const clock = createSharedClock({
    async ask() {
      if (at.away) throw new Error('away')
      at.time += at.roundTrip / 2
      const told = real + at.time + at.redis
      at.time += at.roundTrip / 2
      return told
    },
    monotonic: () => 12_345 + at.time,
    wall: () => real + at.time + at.wall,
  })
  const pass = (ms: number) => {
    at.time += ms
  }
  return { at, clock, pass, error: () => clock.now() - real - at.time }
}

describe('before the first answer', () => {
  it('is the time of the machine when it was made, whatever that does afterwards', async () => {
    const { at, clock, pass, error } = machine({ wallOff: minute })
    at.away = true
    await expect(clock.sync()).rejects.toMatchObject({ code: 'ledger-unavailable' })
    expect(error()).toBe(minute)
    at.wall += hour
    pass(1_000)
    expect(error()).toBe(minute)
  })

  it.each([minute, -minute, hour, -hour])('is set outright by it, %d ms off before', async (wallOff) => {
    const { clock, error } = machine({ wallOff })
    await clock.sync()
    expect(Math.abs(error())).toBeLessThanOrEqual(1)
  })

  it('takes even a slow one: half of it is off at most', async () => {
    const { at, clock, error } = machine({ wallOff: -hour })
    at.roundTrip = 900
    await clock.sync()
    expect(Math.abs(error())).toBeLessThanOrEqual(450)
  })

  it('is none while the process stood still: it says what the time was before that', async () => {
    const { at, clock, error } = machine({ wallOff: minute })
    at.roundTrip = 20_000
    expect(await clock.sync()).toBeNull()
    expect(error()).toBe(minute)
    at.roundTrip = 2
    await clock.sync()
    expect(Math.abs(error())).toBeLessThanOrEqual(1)
  })
})

describe('afterwards', () => {
  it.each([hour, -hour])('a wall clock that jumps %d ms changes nothing', async (jump) => {
    const { at, clock, pass, error } = machine()
    await clock.sync()
    at.wall += jump
    pass(5_000)
    expect(Math.abs(error())).toBeLessThanOrEqual(1)
    await clock.sync()
    pass(5_000)
    expect(Math.abs(error())).toBeLessThanOrEqual(1)
  })

  it('goes on while Redis is away', async () => {
    const { at, clock, pass, error } = machine({ wallOff: -minute })
    await clock.sync()
    at.away = true
    pass(hour)
    await clock.sync().catch(() => undefined)
    expect(Math.abs(error())).toBeLessThanOrEqual(1)
  })

  it('drops an answer that took long', async () => {
    const { at, clock, pass, error } = machine()
    await clock.sync()
    at.redis = minute
    at.roundTrip = 300
    expect(await clock.sync()).toBeNull()
    pass(hour)
    expect(Math.abs(error())).toBeLessThanOrEqual(1)
  })

  it.each([minute, -minute])('follows another Redis, %d ms off, at a twentieth of real time', async (redisOff) => {
    const { at, clock, pass, error } = machine()
    await clock.sync()
    at.redis = redisOff
    for (let i = 1; i <= 240; i++) {
      await clock.sync()
      pass(5_000)
      const expected = Math.sign(redisOff) * Math.min(minute, 250 * i)
      expect(Math.abs(error() - expected)).toBeLessThanOrEqual(25)
    }
    expect(Math.abs(error() - redisOff)).toBeLessThanOrEqual(1)
  })

  it('never goes back and never leaps, whatever Redis tells and whenever', () => {
    const step = fc.record({
      pass: fc.integer({ min: 0, max: 20_000 }),
      redis: fc.integer({ min: -hour, max: hour }),
      roundTrip: fc.integer({ min: 0, max: 500 }),
      away: fc.boolean(),
    })
    return fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { at, clock, pass } = machine()
        await clock.sync()
        for (const { pass: ms, ...next } of steps) {
          const before = { now: clock.now(), time: at.time }
          Object.assign(at, next)
          await clock.sync().catch(() => undefined)
          pass(ms)
          const [passed, shown] = [at.time - before.time, clock.now() - before.now]
          expect(shown).toBeGreaterThanOrEqual(passed * 0.95 - 1)
          expect(shown).toBeLessThanOrEqual(passed * 1.05 + 1)
        }
      }),
      { numRuns: 300 },
    )
  })
})

test('two processes whose machines are a minute apart agree', async () => {
  const [one, other] = [machine({ wallOff: minute }), machine({ wallOff: -minute })]
  await one.clock.sync()
  await other.clock.sync()
  expect(Math.abs(one.error() - other.error())).toBeLessThanOrEqual(1)
})

test('a great difference is told once, until it is gone', async () => {
  const told: object[] = []
  const stop = new AbortController()
  const answers = [0, 5_000, 4_000, null, 3_000, 10, -2_000]
  const clock = {
    now: () => 0,
    sync: async () => answers.shift() ?? null,
    wait: async () => {
      if (answers.length === 0) stop.abort()
    },
  }
  const log = { info: () => undefined, error: () => undefined, warn: (fields: object) => void told.push(fields) }
  await keepSynced(clock, log, stop.signal)
  expect(told).toEqual([{ ahead: 5_000 }, { ahead: -2_000 }])
})

describe('on a real Redis', () => {
  let redis: Redis
  useRedis((client) => {
    redis = client
  })

  it('agrees with it, whatever the machine says', async () => {
    const wall = () => Date.now() - hour
    const clock = createSharedClock({ ask: () => redisTime(redis), monotonic: () => performance.now(), wall })
    await clock.sync()
    // Between the two looks time passes, on a busy machine more of it: far less than the hour that the machine is off.
    expect(Math.abs(clock.now() - (await redisTime(redis)))).toBeLessThan(hour / 4)
  })
})

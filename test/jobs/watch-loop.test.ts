import { expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import { createEmergency } from '../../src/jobs/emergency.ts'
import { shift } from '../../src/jobs/shift.ts'
import { runWatchLoop } from '../../src/jobs/watch-loop.ts'
import { until } from '../../src/sandbox/until.ts'
import { spec } from '../rollout/drive.ts'
import { createFakeWorld, type FakeWorld } from './fake-world.ts'
import { prepareRelease, startRelease } from './release.ts'

const starter = { startJobs: async () => undefined, startProjections: async () => undefined }

/** Runs the loop on a world with a prepared release, and counts how often each lease is asked for. `end` ends it. */
async function startLoop(world: FakeWorld) {
  await prepareRelease(world)
  const asked = new Map<string, number>()
  let rounds = 0
  const watching = {
    ...world,
    // The time of the world that the test sets, not of the copy.
    clock: world.clock,
    leases: {
      async take(name: string, ms: number) {
        asked.set(name, (asked.get(name) ?? 0) + 1)
        return world.leases.take(name, ms)
      },
    },
    rollouts: {
      ...world.rollouts,
      async open() {
        rounds += 1
        return world.rollouts.open()
      },
    },
  }
  const abort = new AbortController()
  const loop = runWatchLoop(watching, watching, starter, createEmergency(world), abort.signal, 1)
  return {
    asked,
    async moreRounds() {
      const before = rounds
      expect(await until(() => (rounds > before + 5 ? true : undefined), 10_000, 1)).toBe(true)
    },
    async end() {
      abort.abort()
      await loop
    },
  }
}

test('the lease of a look is asked for when the own one has run out, not every round', async () => {
  const world = createFakeWorld()
  const { asked, moreRounds, end } = await startLoop(world)
  await moreRounds()
  expect(asked.get('sweep-1')).toBe(1)
  world.time += 2_000
  await moreRounds()
  expect(asked.get('sweep-1')).toBe(2)
  expect(asked.get('refresh-1')).toBe(1)
  await end()
})

test('a lease that another process holds is asked for again soon, not every round', async () => {
  const world = createFakeWorld()
  world.leases.take = async () => null
  const { asked, moreRounds, end } = await startLoop(world)
  await moreRounds()
  expect([asked.get('sweep-1'), asked.get('refresh-1')]).toEqual([1, 1])
  world.time += 200
  await moreRounds()
  expect([asked.get('sweep-1'), asked.get('refresh-1')]).toEqual([2, 1])
  world.time += 300
  await moreRounds()
  expect([asked.get('sweep-1'), asked.get('refresh-1')]).toEqual([3, 2])
  await end()
})

test.each([
  ['from the beginning', true],
  ['when it records the breach', false],
])('a Redis that answers and refuses to write %s keeps no breach from being answered', async (_, first) => {
  const world = createFakeWorld()
  await startRelease(world)
  await shift(world, 1, false)
  const { take } = world.leases
  world.leases.take = async (...wanted) => {
    if (world.memory.full && first) throw new SlipwayError('ledger-unavailable', { after: 1_000 })
    return take(...wanted)
  }
  world.samples.set('histogram_quantile', { value: 1_500, at: Number.POSITIVE_INFINITY })
  world.memory.full = true
  const abort = new AbortController()
  const loop = runWatchLoop(world, world, starter, createEmergency(world), abort.signal, 1)
  const answered = () => {
    world.time += spec.interval
    return world.writes.includes('break-glass slipway (p95 over its limit)') || undefined
  }
  expect(await until(answered, 10_000, 20)).toBe(true)
  abort.abort()
  await loop
  expect(world.weights).toEqual({ blue: 100, green: 0 })
})

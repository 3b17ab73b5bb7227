import { expect, test } from 'vitest'
import { createEmergency } from '../../src/jobs/emergency.ts'
import { runWatchLoop } from '../../src/jobs/watch-loop.ts'
import { until } from '../../src/sandbox/until.ts'
import { createFakeWorld } from './fake-world.ts'
import { prepareRelease } from './release.ts'

const starter = { startJobs: async () => undefined, startProjections: async () => undefined }

test('the lease of a look is asked for when the own one has run out, not every round', async () => {
  const world = createFakeWorld()
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
  const end = new AbortController()
  const loop = runWatchLoop(watching, watching, starter, createEmergency(world), end.signal, 1)
  const moreRounds = async () => {
    const before = rounds
    expect(await until(() => (rounds > before + 5 ? true : undefined), 10_000, 1)).toBe(true)
  }
  await moreRounds()
  expect(asked.get('sweep-1')).toBe(1)
  world.time += 2_000
  await moreRounds()
  expect(asked.get('sweep-1')).toBe(2)
  expect(asked.get('refresh-1')).toBe(1)
  end.abort()
  await loop
})

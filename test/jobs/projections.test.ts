import { expect, test } from 'vitest'
import { projectionsOf } from '../../src/jobs/projections.ts'
import { sweep } from '../../src/jobs/sweep.ts'
import { projections } from '../../src/rollout/effects.ts'
import { createFakeWorld } from './fake-world.ts'
import { prepareRelease, stateOf } from './release.ts'

const sink = { directory: '/var/lib/slipway/record' } as const

test('what writes to a sink is woken only where there is one, and catches up where one is configured later', async () => {
  const world = createFakeWorld()
  await prepareRelease(world)
  const state = await stateOf(world)
  for (const name of projections) {
    if (name !== 'sink') await world.cursors.finish(1, name, { version: state.version })
  }
  const woken: string[] = []
  const starter = {
    startJobs: async () => {},
    startProjections: async (_: number, names: readonly string[]) => void woken.push(...names),
  }
  await sweep(world, starter, state)
  expect(projectionsOf(world.config)).not.toContain('sink')
  expect(woken).toEqual([])
  const record = { ...world.config.record, sink }
  await sweep({ ...world, config: { ...world.config, record } }, starter, state)
  expect(woken).toEqual(['sink'])
})

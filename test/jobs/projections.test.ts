import { expect, test } from 'vitest'
import { createChangeEvents } from '../../src/jobs/change-events.ts'
import { own } from '../../src/jobs/outcome.ts'
import { createPager } from '../../src/jobs/page.ts'
import { projectionsOf } from '../../src/jobs/projections.ts'
import { sweep } from '../../src/jobs/sweep.ts'
import { statesAfter } from '../../src/ledger/states.ts'
import { lastShown, projections } from '../../src/rollout/effects.ts'
import { evidence } from '../rollout/ways.ts'
import { createFakeWorld } from './fake-world.ts'
import { prepareRelease, startRelease, stateOf } from './release.ts'

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

test('what is to be told, and who is to be called, does not wait for a job that can’t be started', async () => {
  const world = createFakeWorld()
  await startRelease(world)
  await world.rollouts.execute(1, own(world, { type: 'record-breach', evidence }))
  const woken: string[] = []
  const starter = {
    startJobs: () => Promise.reject(new Error('the queue does not take it')),
    startProjections: async (_: number, names: readonly string[]) => void woken.push(...names),
  }
  await expect(sweep(world, starter, await stateOf(world))).rejects.toThrow('the queue does not take it')
  expect(woken).toEqual(expect.arrayContaining(['thread', 'paging']))
})

test('PagerDuty is worked for at the events that its projections show, and at no other', async () => {
  const world = createFakeWorld()
  await startRelease(world)
  await world.rollouts.execute(1, own(world, { type: 'record-breach', evidence }))
  const history = await world.rollouts.history(1)
  for (const projector of [createPager(world), createChangeEvents(world)]) {
    let last = 0
    for (const { event, state } of statesAfter(history, 0)) {
      if (projector.shows?.({ event, state, uncertain: false })) last = event.version
      expect(lastShown(state, projector.name), `${projector.name} at ${event.type}`).toBe(last)
    }
    expect(last).toBeGreaterThan(0)
  }
})

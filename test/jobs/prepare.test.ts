import { expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import { prepare } from '../../src/jobs/prepare.ts'
import { holderOf, spec } from '../rollout/drive.ts'
import { createFakeWorld } from './fake-world.ts'
import { eventsOf, say, stateOf } from './release.ts'

test('a second controller of the weights keeps a rollout from starting, by its name, until it is gone', async () => {
  const world = createFakeWorld()
  const what = 'VirtualService shop/shop'
  const problem = { what, controller: 'Flagger', evidence: 'Canary c names shop' }
  world.shown.problems = [new SlipwayError('second-controller', problem)]
  const report = { id: 'r', version: spec.version, validUntil: world.time + 1, blocks: 0 }
  await world.rollouts.start({ type: 'start', id: 's', at: world.time, by: holderOf('devops'), spec, report })
  await prepare(world, 1, false)
  expect(await eventsOf(world)).toEqual(['rollout-started', 'step-failed'])
  expect((await stateOf(world)).failure?.what).toContain('Flagger controls the same weights')
  expect(world.writes).toEqual([])

  world.shown.problems = []
  await say(world, { type: 'retry' })
  await prepare(world, 1, false)
  expect((await stateOf(world)).parts).toMatchObject({ stable: 'blue', canary: 'green' })
})

test('a quota without room keeps a rollout from starting, until there is some', async () => {
  const world = createFakeWorld()
  world.shown.quotas = ['small: 6 of 7 pods used']
  const report = { id: 'r', version: spec.version, validUntil: world.time + 1, blocks: 0 }
  await world.rollouts.start({ type: 'start', id: 's', at: world.time, by: holderOf('devops'), spec, report })
  await prepare(world, 1, false)
  expect((await stateOf(world)).failure?.what).toBe(
    "The namespace's quotas leave no room for 6 more pods (small: 6 of 7 pods used).",
  )
  expect(world.writes).toEqual([])
  world.shown.quotas = []
  await say(world, { type: 'retry' })
  await prepare(world, 1, false)
  expect((await stateOf(world)).parts?.stable).toBe('blue')
})

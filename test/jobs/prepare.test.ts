import { expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import type { Claim } from '../../src/jobs/ports.ts'
import { prepare } from '../../src/jobs/prepare.ts'
import { holderOf, spec } from '../rollout/drive.ts'
import { createFakeWorld } from './fake-world.ts'
import { eventsOf, prepareRelease, say, stateOf } from './release.ts'

test('a second controller of the weights keeps a rollout from starting, by its name, until it is gone', async () => {
  const world = createFakeWorld()
  const what = 'VirtualService shop/shop'
  const problem = { what, controller: 'Flagger', evidence: 'Canary c names shop' }
  world.shown.problems = [new SlipwayError('second-controller', problem)]
  const report = { id: 'r', version: spec.version, image: spec.image, validUntil: world.time + 1, blocks: 0 }
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
  const report = { id: 'r', version: spec.version, image: spec.image, validUntil: world.time + 1, blocks: 0 }
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

test('the mark carries the point of no return that the version declares', async () => {
  const claims: Claim[] = []
  const world = createFakeWorld()
  const claim = async (one: Claim) => {
    claims.push(one)
    await world.cluster.claim(one)
  }
  const [first, second] = spec.phases
  if (second === undefined) throw new Error('no phase 2')
  const what = 'the migration of the orders'
  const watched = { ...world, cluster: { ...world.cluster, claim } }
  await prepareRelease(watched, { ...spec, pointOfNoReturn: { phase: second.number, what, role: 'technical-lead' } })
  expect(first?.weight).not.toBe(second.weight)
  expect(claims).toMatchObject([{ pointOfNoReturn: { phase: 2, weight: second.weight, what } }])
})

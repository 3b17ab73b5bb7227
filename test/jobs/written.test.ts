import { beforeEach, describe, expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import { own } from '../../src/jobs/outcome.ts'
import { shift } from '../../src/jobs/shift.ts'
import { threadText } from '../../src/slack/texts.ts'
import { holderOf, spec } from '../rollout/drive.ts'
import { createFakeWorld, type FakeWorld } from './fake-world.ts'
import { eventsOf, look, say, startPhase2, stateOf } from './release.ts'

let world: FakeWorld

/** Phase 2 has its weight, and Redis was away before that came on record. */
beforeEach(async () => {
  world = createFakeWorld()
  await startPhase2(world, 'sha256:a')
  const execute: FakeWorld['rollouts']['execute'] = async (...order) => {
    if (order[1].type === 'record-shifted') throw new SlipwayError('ledger-unavailable', { after: 1_000 })
    return world.rollouts.execute(...order)
  }
  await expect(shift({ ...world, rollouts: { ...world.rollouts, execute } }, 1, false)).rejects.toThrow()
  expect(world.weights.green).toBe(20)
  expect(await stateOf(world)).toMatchObject({ stage: 'shifting', weight: 5 })
})

const shifted = async () => (await world.rollouts.history(1)).filter((e) => e.type === 'traffic-shifted')

test('a weight that was written is on record, and told, although its phase was stopped meanwhile', async () => {
  world.shown.imageIds.green = ['sha256:evil']
  await look(world, 2)
  expect(await stateOf(world)).toMatchObject({ stage: 'soaking', weight: 20 })
  const [, event] = await shifted()
  expect(event).toMatchObject({ phase: 2, from: 5, weight: 20, unsigned: expect.stringMatching(/another image/) })
  expect(event && threadText(event, await stateOf(world))).toMatchObject({ broadcast: true })
  // Told once, and nothing more is written.
  world.writes.length = 0
  await look(world, 2)
  await shift(world, 1, false)
  expect(await shifted()).toHaveLength(2)
  expect(world.writes).toEqual([])
})

describe.each([
  ['a pause', async () => void (await say(world, { type: 'pause', reason: 'odd' }))],
  [
    'a failure of the step',
    async () => {
      const told = { code: 'cluster-unreachable', what: 'gone', todo: 'wait' }
      await world.rollouts.execute(1, own(world, { type: 'record-step-failed', step: 'shift', phase: 2, ...told }))
    },
  ],
  [
    'a lock',
    async () => void (await world.locks.lock({ id: 'l', by: holderOf('sre'), at: world.time, reason: 'odd' })),
  ],
  [
    'missing numbers',
    async () => {
      const metrics = [{ metric: 'p95', reason: 'empty' }]
      await world.rollouts.execute(1, own(world, { type: 'record-blind', metrics }))
      world.samples.set('histogram_quantile', { missing: 'empty', detail: 'gone' })
    },
  ],
])('through %s', (_, hold) => {
  beforeEach(hold)

  test('it comes on record, too', async () => {
    await look(world)
    expect(await stateOf(world)).toMatchObject({ stage: 'soaking', weight: 20 })
  })

  test('a weight that somebody else has written does not', async () => {
    if (world.shown.mark !== null) world.shown.mark = { ...world.shown.mark, version: world.shown.mark.version - 1 }
    await look(world)
    expect(await stateOf(world)).toMatchObject({ stage: 'shifting', weight: 5 })
  })

  test('one that was not written does not', async () => {
    Object.assign(world.weights, { blue: 95, green: 5 })
    await look(world)
    expect(await stateOf(world)).toMatchObject({ stage: 'shifting', weight: 5 })
  })
})

test('its soak waits for the end of a pause', async () => {
  await say(world, { type: 'pause', reason: 'odd' })
  await look(world, 5)
  expect(await world.beside.observed(1, 'phase-2')).toBe(0)
  await say(world, { type: 'resume' })
  await look(world, 2)
  expect(await world.beside.observed(1, 'phase-2')).toBe(2 * spec.interval)
  expect(await eventsOf(world)).not.toContain('drift-found')
})

test('where nothing holds the shift, its own job says how long it took', async () => {
  await look(world)
  expect(await stateOf(world)).toMatchObject({ stage: 'shifting', weight: 5 })
  await shift(world, 1, false)
  expect(await stateOf(world)).toMatchObject({ stage: 'soaking', weight: 20 })
})

import { beforeEach, describe, expect, test } from 'vitest'
import { cleanUp } from '../../src/jobs/clean-up.ts'
import { lookForEvidence } from '../../src/jobs/evidence.ts'
import { own } from '../../src/jobs/outcome.ts'
import { rollBack } from '../../src/jobs/roll-back.ts'
import { shift } from '../../src/jobs/shift.ts'
import { takeOver } from '../../src/jobs/take-over.ts'
import { orderOf } from '../../src/rollout/state.ts'
import { spec } from '../rollout/drive.ts'
import { createFakeWorld, type FakeWorld } from './fake-world.ts'
import { eventsOf, look, nextPhase, say, sign, startRelease, stateOf } from './release.ts'

let world: FakeWorld
beforeEach(async () => {
  world = createFakeWorld()
  await startRelease(world)
  await shift(world, 1, false)
})

const stable = { blue: 100, green: 0 }
const isLoss = (type: string) => ['rollout-found', 'record-lost', 'superseded'].includes(type)

/** Nothing is taken for lost, now. */
async function expectWhole(): Promise<void> {
  await lookForEvidence(world)
  expect((await eventsOf(world)).filter(isLoss)).toEqual([])
  expect(world.errors).toEqual([])
}

/** Somebody takes everything back, and the job does it. */
async function takeBack(): Promise<void> {
  await say(world, { type: 'roll-back', reason: '', forced: true })
  await rollBack(world, 1, false)
}

describe('a healthy rollout is no lost one', () => {
  test('before its first phase', async () => {
    world = createFakeWorld()
    await startRelease(world)
    await expectWhole()
  })

  test('from its first phase to its cleaned-up end', async () => {
    await expectWhole()
    for (const _ of spec.phases.slice(1)) {
      await nextPhase(world)
      await expectWhole()
    }
    await look(world, ((spec.phases.at(-1)?.soak ?? 0) + spec.rollbackWindow) / spec.interval)
    expect((await stateOf(world)).stage).toBe('complete')
    await expectWhole()
    world.samples.set('increase(http_requests', { value: 0, at: world.time })
    world.time += spec.staleAfter
    await cleanUp(world, 1, false)
    await expectWhole()
    expect(world.shown.mark).toMatchObject({ stable: 'green', canary: 'blue' })
  })

  test('when it was taken over, rolled back and cleaned up', async () => {
    Object.assign(world.weights, { blue: 60, green: 40 })
    await look(world)
    await say(world, { type: 'take-over' })
    await takeOver(world, 1, false)
    await expectWhole()
    await takeBack()
    await expectWhole()
    world.samples.set('increase(http_requests', { value: 0, at: world.time })
    world.time += spec.staleAfter
    await cleanUp(world, 1, false)
    await expectWhole()
  })

  test('when break-glass closed its mark under the same number', async () => {
    await world.breakGlass('cli:somebody@host', 'hold')
    await expectWhole()
    await look(world)
    await expectWhole()
    expect((await stateOf(world)).stage).toBe('rolled-back')
  })

  test('when it is ordered to go back while the mark is being looked at', async () => {
    const { view } = world.cluster
    const slow = {
      ...world.cluster,
      async view() {
        const seen = await view()
        await takeBack()
        return seen
      },
    }
    await lookForEvidence({ ...world, cluster: slow })
    expect((await eventsOf(world)).filter(isLoss)).toEqual([])
  })

  test('when another service’s mark is there, or none', async () => {
    const mark = world.shown.mark
    world.shown.mark = mark && { ...mark, service: 'another', version: 99 }
    await expectWhole()
    world.shown.mark = null
    await expectWhole()
  })
})

describe('Redis back empty', () => {
  beforeEach(async () => {
    await nextPhase(world)
    world.memory.cut(1, 0)
  })

  test('the rollout with traffic is taken up under its own number, held, watched, and rolled back when asked', async () => {
    await lookForEvidence(world)
    expect(await stateOf(world)).toMatchObject({
      rollout: 1,
      stage: 'waiting',
      weight: 20,
      parts: { stable: 'blue', canary: 'green', stableSize: 6, canaryImage: spec.image },
      spec: { version: '5.1.0', image: spec.image },
    })
    await look(world, 3)
    expect(await eventsOf(world)).toEqual(['rollout-found'])
    await takeBack()
    expect(world.weights).toEqual(stable)
    expect((await stateOf(world)).stage).toBe('rolled-back')
  })

  test('a broken limit still rolls it back', async () => {
    await lookForEvidence(world)
    await look(world, 10)
    world.samples.set('histogram_quantile', { value: 1_500, at: world.time })
    await look(world, 3)
    await rollBack(world, 1, false)
    expect(world.weights).toEqual(stable)
  })

  test('it is taken up once', async () => {
    await lookForEvidence(world)
    await lookForEvidence(world)
    expect(await eventsOf(world)).toEqual(['rollout-found'])
  })

  test('without traffic on the canary nothing is taken up', async () => {
    Object.assign(world.weights, stable)
    await lookForEvidence(world)
    expect(await eventsOf(world)).toEqual([])
  })

  test('a release that is complete and cleaned up is nobody’s lost rollout', async () => {
    const mark = world.shown.mark
    Object.assign(world.weights, { blue: 0, green: 100 })
    world.shown.mark = mark && { ...mark, stable: 'green', canary: 'blue' }
    await lookForEvidence(world)
    expect(await eventsOf(world)).toEqual([])
  })
})

describe('Redis back older, and gone on past what it lost before anybody looked', () => {
  /** A rollback was ordered and carried out; then Redis lost it, and the release went on with more events than were lost. */
  beforeEach(async () => {
    const before = (await eventsOf(world)).length
    await takeBack()
    world.shown.weights.green = 5
    world.shown.weights.blue = 95
    world.memory.cut(1, before)
    await say(world, { type: 'pause', reason: 'something else' })
    await say(world, { type: 'resume' })
    world.time += spec.phases[0]?.soak ?? 0
    const soaked = {
      type: 'record-soak',
      phase: 1,
      of: 'soak',
      observed: spec.phases[0]?.soak ?? 0,
      figures: [],
    } as const
    await world.rollouts.execute(1, own(world, soaked))
    await say(world, { type: 'advance' }, 'devops')
    await sign(world)
    const { phaseVersion } = await stateOf(world)
    expect(phaseVersion).toBeGreaterThan(world.shown.mark?.version ?? 99)
  })

  test('the weight does not rise: the rollout is held, and a rollback gets a fence that counts', async () => {
    await look(world)
    await shift(world, 1, false)
    expect(world.weights.green).toBe(5)
    expect((await eventsOf(world)).at(-1)).toBe('record-lost')
    expect(await stateOf(world)).toMatchObject({ stage: 'waiting', weight: 5 })
    await takeBack()
    expect(world.weights).toEqual(stable)
    const whole = await eventsOf(world)
    await lookForEvidence(world)
    expect(await eventsOf(world)).toEqual(whole)
  })

  test('it is seen by looking, once', async () => {
    await lookForEvidence(world)
    await lookForEvidence(world)
    expect((await eventsOf(world)).filter(isLoss)).toEqual(['record-lost'])
  })
})

describe('Redis back older', () => {
  let length = 0
  beforeEach(async () => {
    await nextPhase(world)
    length = (await eventsOf(world)).length
  })

  /** A rollout at 20 % of which only the first events are left. */
  async function cutAt20(left: number): Promise<void> {
    world = createFakeWorld()
    await startRelease(world)
    await shift(world, 1, false)
    await nextPhase(world)
    world.memory.cut(1, left)
  }

  test('with any end missing: it is held or known, and a rollback brings all traffic back', async () => {
    for (let cut = length; cut >= 1; cut--) {
      await cutAt20(cut)
      // Asked for before anything was noticed, as well as after it.
      if (cut % 2 === 0) await lookForEvidence(world)
      await takeBack()
      expect({ cut, weights: world.weights }).toEqual({ cut, weights: stable })
      expect(await stateOf(world)).toMatchObject({ stage: 'rolled-back', weight: 0 })
    }
  })

  test('a breach of what the cluster serves rolls back, whatever the ledger remembers', async () => {
    for (let cut = length; cut >= 1; cut--) {
      await cutAt20(cut)
      await lookForEvidence(world)
      world.samples.set('histogram_quantile', { value: 1_500, at: world.time })
      await look(world, 10)
      await rollBack(world, 1, false)
      expect({ cut, weights: world.weights }).toEqual({ cut, weights: stable })
    }
  })

  test('the track is cleaned up although it carries a newer fence of the same rollout', async () => {
    world.memory.cut(1, 10)
    await world.breakGlass('cli:somebody@host', 'hold')
    await look(world)
    world.samples.set('increase(http_requests', { value: 0, at: world.time })
    world.time += spec.staleAfter
    await cleanUp(world, 1, false)
    expect(await stateOf(world)).toMatchObject({ stage: 'rolled-back', cleanUp: 'done' })
    expect(world.shown.sizes.green).toBe(0)
  })

  test('from before the end of an earlier rollout: that one is over, and the cluster’s own is taken up', async () => {
    const mark = world.shown.mark
    world.shown.mark = mark && { ...mark, rollout: 2, version: 9 }
    await say(world, { type: 'roll-back', reason: '', forced: true })
    await lookForEvidence(world)
    expect((await eventsOf(world)).at(-1)).toBe('superseded')
    expect(await world.rollouts.load(2)).toMatchObject({ stage: 'waiting', weight: 20, rollout: 2 })
    await rollBack(world, 1, false)
    expect(world.weights.green).toBe(20)
    expect((await eventsOf(world)).at(-1)).toBe('superseded')
  })

  test('from before the clean-up of an earlier rollout: it does not keep the cluster’s own from being taken up', async () => {
    await takeBack()
    const mark = world.shown.mark
    world.shown.mark = mark && { ...mark, rollout: 2, version: 9 }
    Object.assign(world.weights, { blue: 80, green: 20 })
    await lookForEvidence(world)
    expect((await eventsOf(world)).at(-1)).toBe('superseded')
    expect(await world.rollouts.load(2)).toMatchObject({ stage: 'waiting', weight: 20 })
  })
})

test('Redis back older: an order that was lost, and that only an autoscaler carries, holds the rollout when it refuses a write', async () => {
  world = createFakeWorld()
  world.shown.autoscalers['claude-enhancer'] = { track: 'blue', minimum: 2, maximum: 10 }
  await startRelease(world)
  const before = (await eventsOf(world)).length
  await shift(world, 1, false)
  const observed = spec.phases[0]?.soak ?? 0
  await world.rollouts.execute(1, own(world, { type: 'record-soak', phase: 1, of: 'soak', observed, figures: [] }))
  await say(world, { type: 'advance' }, 'devops')
  await sign(world)
  const state = await stateOf(world)
  await world.cluster.pin('blue', 7, orderOf(state, state.phaseVersion))
  world.memory.cut(1, before)
  await shift(world, 1, false)
  const known = await eventsOf(world)
  expect(known.at(-1)).toBe('record-lost')
  expect(await stateOf(world)).toMatchObject({ stage: 'waiting', weight: 5 })
  await lookForEvidence(world)
  expect(await eventsOf(world)).toEqual(known)
  await takeBack()
  expect(world.weights).toEqual(stable)
})

describe('a rollback of a rollout that was never prepared, as far as is known', () => {
  beforeEach(async () => {
    world = createFakeWorld()
    await startRelease(world)
    world.memory.cut(1, 1)
    await say(world, { type: 'roll-back', reason: '', forced: false })
  })

  test('goes by the mark, where there is one', async () => {
    Object.assign(world.weights, { blue: 60, green: 40 })
    await rollBack(world, 1, false)
    expect(world.weights).toEqual(stable)
    expect((await stateOf(world)).stage).toBe('rolled-back')
  })

  test.each([null, 'an earlier rollout'])('is done where there is none of its own, but %s', async (other) => {
    const { mark } = world.shown
    world.shown.mark = other === null ? null : mark && { ...mark, rollout: 0 }
    await rollBack(world, 1, false)
    expect(world.writes).toEqual(['claim'])
    expect((await stateOf(world)).stage).toBe('rolled-back')
  })
})

import { describe, expect, it } from 'vitest'
import { cleanUp } from '../../src/jobs/clean-up.ts'
import { driftsOf } from '../../src/jobs/drift.ts'
import { own } from '../../src/jobs/outcome.ts'
import { prepare } from '../../src/jobs/prepare.ts'
import { rollBack } from '../../src/jobs/roll-back.ts'
import { shift } from '../../src/jobs/shift.ts'
import { tidyAutoscalers } from '../../src/jobs/tidy-autoscalers.ts'
import { threadText } from '../../src/slack/texts.ts'
import { spec } from '../rollout/drive.ts'
import { createFakeWorld, type FakeWorld } from './fake-world.ts'
import { eventsOf, nextPhase, prepareRelease, say, startRelease, stateOf } from './release.ts'

function scaled(maximum = 10): FakeWorld {
  const world = createFakeWorld()
  world.shown.autoscalers.stable = { track: 'blue', minimum: 2, maximum }
  world.shown.autoscalers.canary = { track: 'green', minimum: 1, maximum }
  return world
}

/** Every phase of full size. */
const full = { ...spec, phases: spec.phases.map((phase) => ({ ...phase, fullSize: true })) }

const minimums = ({ shown: { autoscalers } }: FakeWorld) => [autoscalers.stable?.minimum, autoscalers.canary?.minimum]

/** What the thread says of the last event of a type. */
async function told(world: FakeWorld, type: string): Promise<string | undefined> {
  const event = (await world.rollouts.history(1)).findLast((e) => e.type === type)
  return event === undefined ? undefined : threadText(event, await stateOf(world))?.text
}

describe('the minimum of an autoscaler', () => {
  it('is stable’s size from the start, and the canary’s before that has more pods', async () => {
    const world = scaled()
    await prepareRelease(world)
    expect(minimums(world)).toEqual([6, 1])
    expect(await told(world, 'prepared')).toContain(
      'The minimum of stable (blue) and canary (green) is held high enough',
    )
    await startRelease(scaled())
    const other = scaled()
    await startRelease(other, full)
    await shift(other, 1, false)
    expect(minimums(other)).toEqual([6, 6])
    const pinned = other.writes.indexOf('pin canary 6')
    expect([pinned >= 0, pinned < other.writes.indexOf('size green 6')]).toEqual([true, true])
  })

  it('is stable’s present size at a phase, where its autoscaler has made it larger since the start', async () => {
    const world = scaled(20)
    await startRelease(world)
    world.shown.sizes.blue = 15
    await shift(world, 1, false)
    expect(minimums(world)[0]).toBe(15)
  })

  it('does not keep the canary from the pods that stable has for the load of that moment, as far as its maximum goes', async () => {
    for (const [maximum, pods] of [
      [20, 15],
      [10, 10],
    ] as const) {
      const world = scaled(20)
      Object.assign(world.shown.autoscalers.canary ?? {}, { maximum })
      await startRelease(world, full)
      world.shown.sizes.blue = 15
      Object.assign(world.shown.managers, { blue: 'kube-controller-manager', green: 'slipway' })
      await shift(world, 1, false)
      expect([world.shown.sizes.green, minimums(world)[1]]).toEqual([pods, pods])
      expect(await told(world, 'canary-ready')).toContain(`${pods} pods`)
      expect(driftsOf(await stateOf(world), await world.cluster.view())).toEqual([])
    }
  })

  it('is on record with the pods that a phase leaves standing, where stable has become smaller since the one before', async () => {
    const world = scaled(40)
    await startRelease(world)
    world.shown.sizes.blue = 30
    Object.assign(world.shown.managers, { blue: 'kube-controller-manager', green: 'slipway' })
    await shift(world, 1, false)
    const { green } = world.shown.sizes
    expect(green).toBeGreaterThan(1)
    world.shown.sizes.blue = 6
    await nextPhase(world)
    expect(await stateOf(world)).toMatchObject({ canaryReadyPhase: 2, canaryReplicas: green })
    expect(driftsOf(await stateOf(world), await world.cluster.view())).toEqual([])
  })

  it('once the canary was ready stays, however large stable becomes before its weight is written', async () => {
    const world = scaled(20)
    await startRelease(world, full)
    world.shown.sizes.blue = 15
    world.shown.managers.blue = 'kube-controller-manager'
    await world.breakGlass('cli:somebody@host', 'hold')
    await shift(world, 1, false)
    world.shown.sizes.blue = 18
    await shift(world, 1, false)
    expect(world.shown.sizes.green).toBe(15)
    expect(driftsOf(await stateOf(world), await world.cluster.view())).toEqual([])
  })

  it('is its own again after a rollback, once the canary’s pods are gone; the weights come first', async () => {
    const world = scaled()
    await startRelease(world)
    await shift(world, 1, false)
    await say(world, { type: 'roll-back', reason: 'slow', forced: true })
    await rollBack(world, 1, false)
    expect(minimums(world)[0]).toBe(6)
    world.time += spec.staleAfter
    world.samples.set('track="green"', { value: 0, at: world.time })
    await cleanUp(world, 1, false)
    expect(minimums(world)).toEqual([2, 1])
    const { writes } = world
    expect(writes.indexOf('restore')).toBeLessThan(writes.indexOf('unpin stable'))
    expect(await told(world, 'cleaned-up')).toContain('Autoscalers have their own minimum back: stable.')
  })

  it('is its own again when a release ends before its first phase, and stays while one is on', async () => {
    const world = scaled()
    await prepareRelease(world)
    await tidyAutoscalers(world)
    expect(minimums(world)).toEqual([6, 1])
    await say(world, { type: 'abort', reason: 'not today' })
    await rollBack(world, 1, false)
    await tidyAutoscalers(world)
    expect(minimums(world)).toEqual([2, 1])
    expect(await told(world, 'weights-restored')).toContain('Aborted before any traffic')
  })

  it('is its own again when Redis has lost the release', async () => {
    const world = scaled()
    await prepareRelease(world)
    const empty = createFakeWorld()
    await tidyAutoscalers({ ...empty, cluster: world.cluster })
    expect(minimums(world)).toEqual([2, 1])
  })

  it('stays while the canary has traffic of a release that Redis has lost: that is found in a moment', async () => {
    const world = scaled()
    await startRelease(world)
    await shift(world, 1, false)
    const held = minimums(world)
    await tidyAutoscalers({ ...createFakeWorld(), cluster: world.cluster })
    expect(minimums(world)).toEqual(held)
    expect(held[0]).toBe(6)
  })

  it('too low a maximum keeps a release from starting, by the autoscaler’s name, until it is raised', async () => {
    const world = scaled(5)
    await prepareRelease(world)
    expect(await eventsOf(world)).toEqual(['rollout-started', 'step-failed'])
    expect((await stateOf(world)).failure?.what).toBe(
      'HorizontalPodAutoscaler stable allows 5 pods at most; the release needs 6 of each track.',
    )
    expect(world.writes).toEqual([])
    for (const scaler of Object.values(world.shown.autoscalers)) scaler.maximum = 6
    await say(world, { type: 'retry' })
    await prepare(world, 1, false)
    expect((await stateOf(world)).parts?.stable).toBe('blue')
  })

  it('is not touched by an order that is older than what stands there', async () => {
    const world = scaled()
    Object.assign(world.shown.autoscalers.stable ?? {}, { own: 2, minimum: 4, fence: { rollout: 9, version: 1 } })
    await prepareRelease(world)
    expect(minimums(world)[0]).toBe(4)
    await world.rollouts.execute(1, own(world, { type: 'tick', unreachableSince: null }))
    await tidyAutoscalers(world)
    expect(minimums(world)[0]).toBe(4)
  })
})

import { beforeEach, describe, expect, test } from 'vitest'
import { own } from '../../src/jobs/outcome.ts'
import { rollBack } from '../../src/jobs/roll-back.ts'
import { shift } from '../../src/jobs/shift.ts'
import { takeOver } from '../../src/jobs/take-over.ts'
import { holderOf, spec } from '../rollout/drive.ts'
import { parts } from '../rollout/ways.ts'
import { createFakeWorld, type FakeWorld } from './fake-world.ts'
import { eventsOf, look, nextPhase, say, sign, startRelease, stateOf } from './release.ts'

let world: FakeWorld
beforeEach(async () => {
  world = createFakeWorld()
  await startRelease(world)
  await shift(world, 1, false)
  world.writes.length = 0
})

const failure = { code: 'image-changed', what: '', todo: '' }

const drift = async () => (await stateOf(world)).drift

describe('taking over', () => {
  test('writes weights, images and sizes back, and says that the change is gone', async () => {
    Object.assign(world.weights, { blue: 60, green: 40 })
    world.images.green = 'other:1'
    world.shown.sizes.blue = 2
    await look(world)
    expect((await drift())?.what).toBe(
      `the canary gets 40 %, expected 5 %; claude-enhancer-blue has size 2, expected 6; claude-enhancer-green has image other:1, expected ${spec.image}`,
    )
    await say(world, { type: 'take-over' })
    await takeOver(world, 1, false)
    expect(world.writes).toEqual(['shift 5', 'size blue 6', 'size green 1'])
    expect(world.images.green).toBe(spec.image)
    expect((await eventsOf(world)).slice(-3)).toEqual(['drift-found', 'taken-over', 'drift-gone'])
    await takeOver(world, 1, false)
    expect(world.writes).toHaveLength(3)
  })

  test('run again after a crash, it writes only what is left', async () => {
    Object.assign(world.weights, { blue: 60, green: 40 })
    await look(world)
    await say(world, { type: 'take-over' })
    Object.assign(world.weights, { blue: 95, green: 5 })
    await takeOver(world, 1, false)
    expect(world.writes).toEqual([])
    expect(await drift()).toBeUndefined()
  })

  test('nobody ordered writes nothing', async () => {
    Object.assign(world.weights, { blue: 60, green: 40 })
    await look(world)
    await takeOver(world, 1, false)
    expect(world.writes).toEqual([])
    expect(await drift()).toBeDefined()
  })

  test('that a rollback has overtaken writes nothing', async () => {
    Object.assign(world.weights, { blue: 60, green: 40 })
    await look(world)
    await say(world, { type: 'take-over' })
    await say(world, { type: 'roll-back', reason: '', forced: true })
    await takeOver(world, 1, false)
    expect(world.writes).toEqual([])
  })

  test('raises the weight to what was signed, never beyond', async () => {
    await nextPhase(world)
    Object.assign(world.weights, { blue: 100, green: 0 })
    await look(world)
    await say(world, { type: 'take-over' })
    world.writes.length = 0
    await takeOver(world, 1, false)
    expect(world.writes).toEqual(['shift 20'])
  })

  describe('raises the weight', () => {
    /** By the clock of the world: nobody waits for real, and what is to happen does so after a few waits. */
    const waiting = (after: () => void) => {
      let waits = 0
      const clock = {
        now: () => world.time,
        async wait(ms: number) {
          world.time += ms
          waits += 1
          if (waits === 3) after()
        },
      }
      return { ...world, clock }
    }

    /** Phase 2 has its weight, and somebody took it all away. */
    beforeEach(async () => {
      await nextPhase(world)
      Object.assign(world.weights, { blue: 100, green: 0 })
      world.writes.length = 0
    })

    test.each([
      ['its image', () => void Object.assign(world.images, { green: 'other:1' }), /has image other:1, expected/],
      ['its size', () => void Object.assign(world.shown.sizes, { green: 0 }), /has size 0, expected 2/],
    ])('only when the canary has %s back and its pods are ready', async (_, change, told) => {
      change()
      world.ready.green = 0
      world.shown.readyAfterSize = false
      await look(world)
      expect((await drift())?.what).toMatch(/^the canary gets 0 %, expected 20 %; /)
      expect((await drift())?.what).toMatch(told)
      await say(world, { type: 'take-over' })
      const unready: number[] = []
      const clock = waiting(() => {
        unready.push(world.weights.green)
        world.ready.green = 2
      })
      await takeOver(clock, 1, false)
      expect(unready).toEqual([0])
      expect(world.images.green).toBe(spec.image)
      expect(world.writes).toEqual(['size green 2', 'shift 20'])
      expect(await drift()).toBeUndefined()
    })

    test('only when no pod of the other image serves any more', async () => {
      world.images.green = 'other:1'
      Object.assign(world.shown.sizes, { green: 10 })
      world.shown.managers.green = 'kube-controller-manager'
      await look(world)
      await say(world, { type: 'take-over' })
      world.shown.readyAfterSize = false
      world.ready.green = 2
      world.shown.oldReady.green = 8
      const unready: number[] = []
      const clock = waiting(() => {
        unready.push(world.weights.green)
        world.shown.oldReady.green = 0
      })
      await takeOver(clock, 1, false)
      expect(unready).toEqual([0])
      expect(world.writes).toEqual(['size green 10', 'shift 20'])
    })

    test('only when the pods of the canary are ready; a person is asked when they don’t get there', async () => {
      world.ready.green = 1
      await look(world)
      await say(world, { type: 'take-over' })
      const began = world.time
      await takeOver(
        waiting(() => undefined),
        1,
        false,
      )
      expect(world.time - began).toBeGreaterThanOrEqual(spec.readyWithin)
      expect(world.writes).toEqual([])
      expect((await world.rollouts.history(1)).at(-1)).toMatchObject({
        type: 'take-over-failed',
        what: expect.stringMatching(/from 0 % to 20 %.*not ready/),
      })
    })

    test('not on pods that came back with another image than was signed for, and that no look has seen yet', async () => {
      await world.rollouts.execute(1, own(world, { type: 'record-image-ids', ids: ['sha256:a'], failure }))
      Object.assign(world.weights, { blue: 80, green: 20 })
      await nextPhase(world)
      expect(world.weights.green).toBe(50)
      Object.assign(world.weights, { blue: 100, green: 0 })
      world.images.green = 'other:1'
      await look(world)
      await say(world, { type: 'take-over' })
      world.writes.length = 0
      world.shown.imageIds.green = ['sha256:evil']
      await takeOver(world, 1, false)
      expect(world.writes).toEqual(['size green 6'])
      expect((await world.rollouts.history(1)).at(-1)).toMatchObject({
        type: 'take-over-failed',
        what: expect.stringMatching(/another image/),
      })
    })

    test('while looks find what is left to do: the order stands', async () => {
      world.images.green = 'other:1'
      world.ready.green = 0
      world.shown.readyAfterSize = false
      await look(world)
      await say(world, { type: 'take-over' })
      const looked = {
        ...world,
        clock: {
          now: () => world.time,
          async wait() {
            await look(world)
            world.ready.green = 2
          },
        },
      }
      await takeOver(looked, 1, false)
      expect(world.writes).toEqual(['size green 2', 'shift 20'])
    })

    test('not when somebody changes something more meanwhile: they decide anew', async () => {
      world.ready.green = 0
      await look(world)
      await say(world, { type: 'take-over' })
      const clock = {
        now: () => world.time,
        async wait() {
          world.images.green = 'other:1'
          await look(world)
          world.ready.green = 2
        },
      }
      await takeOver({ ...world, clock }, 1, false)
      expect(world.writes).toEqual([])
      expect((await drift())?.what).toMatch(/gets 0 %.*other:1/)
      expect(await drift()).not.toHaveProperty('takenOver')
    })
  })

  test('keeps every size that was told', async () => {
    Object.assign(world.weights, { blue: 60, green: 40 })
    world.shown.sizes.green = 4
    world.shown.sizes.blue = 12
    await look(world)
    expect((await drift())?.what).toMatch(/40 %.*size 12.*size 4/)
    await say(world, { type: 'take-over' })
    await takeOver(world, 1, false)
    expect(world.writes).toEqual(['shift 5'])
    // One is kept with each decision.
    expect((await drift())?.what).toBe('claude-enhancer-green has size 4, expected 1')
    await say(world, { type: 'take-over' })
    await takeOver(world, 1, false)
    expect(world.writes).toEqual(['shift 5'])
    expect(await drift()).toBeUndefined()
  })

  test.each([
    ['a pause', async () => void (await say(world, { type: 'pause', reason: 'odd' }))],
    [
      'a lock',
      async () =>
        void (await world.locks.lock({ id: 'l', by: holderOf('sre'), at: world.time, reason: 'an incident' })),
    ],
    ['a broken limit', async () => void world.samples.set('histogram_quantile', { value: 1_500, at: world.time })],
    [
      'a missing number',
      async () => void world.samples.set('histogram_quantile', { missing: 'empty', detail: 'gone' }),
    ],
  ])('raises no weight through %s: a person is asked again', async (_, hold) => {
    await hold()
    Object.assign(world.weights, { blue: 100, green: 0 })
    await look(world)
    // What was read while it had traffic.
    Object.assign(world.weights, { blue: 98, green: 2 })
    await look(world)
    await say(world, { type: 'take-over' })
    await takeOver(world, 1, false)
    expect(world.writes).toEqual([])
    expect((await eventsOf(world)).at(-1)).toBe('take-over-failed')
  })

  test('raises no weight from where nobody has decided about it', async () => {
    Object.assign(world.weights, { blue: 98, green: 2 })
    await look(world)
    await say(world, { type: 'take-over' })
    Object.assign(world.weights, { blue: 100, green: 0 })
    await takeOver(world, 1, false)
    expect(world.writes).toEqual([])
    expect(await drift()).toMatchObject({ what: 'the canary gets 0 %, expected 5 %', weight: 0 })
  })

  test('raises no weight that was only accepted where it stood, after a loss of the record', async () => {
    Object.assign(world.weights, { blue: 0, green: 100 })
    const fence = { rollout: 1, version: 99 }
    await world.rollouts.execute(1, own(world, { ...parts, type: 'record-newer-fence', weight: 100, fence }))
    await say(world, { type: 'accept-targets', reason: 'it runs', roles: [spec.decides], holders: [] }, spec.decides)
    Object.assign(world.weights, { blue: 95, green: 5 })
    await look(world)
    await say(world, { type: 'take-over' })
    await takeOver(world, 1, false)
    expect(world.writes).toEqual([])
    expect((await world.rollouts.history(1)).at(-1)).toMatchObject({
      type: 'take-over-failed',
      what: expect.stringContaining('from 5 % to 100 %'),
    })
    expect(await drift()).toBeDefined()
  })

  test('keeps pods that somebody added', async () => {
    world.shown.sizes.green = 4
    await look(world)
    await say(world, { type: 'take-over' })
    await takeOver(world, 1, false)
    expect(world.writes).toEqual([])
    expect(world.shown.sizes.green).toBe(4)
    expect(await drift()).toBeUndefined()
    await look(world)
    expect(await drift()).toBeUndefined()
  })

  test('of another change scales nobody’s pods down that nobody has decided about: they are told', async () => {
    Object.assign(world.weights, { blue: 60, green: 40 })
    await look(world)
    await say(world, { type: 'take-over' })
    world.shown.sizes.green = 4
    world.shown.managers.green = 'kubectl'
    await takeOver(world, 1, false)
    expect(world.writes).toEqual(['shift 5'])
    expect(world.shown.sizes.green).toBe(4)
    expect(await drift()).toMatchObject({ what: 'claude-enhancer-green has size 4, expected 1', manager: 'kubectl' })
    expect(await drift()).not.toHaveProperty('takenOver')
  })

  test('gives up after a few looks when somebody else writes each time; the queue comes back to it', async () => {
    Object.assign(world.weights, { blue: 60, green: 40 })
    await look(world)
    await say(world, { type: 'take-over' })
    const { shift: write } = world.cluster
    const stubborn = {
      ...world.cluster,
      async shift(...order: Parameters<typeof write>) {
        const written = await write(...order)
        Object.assign(world.weights, { blue: 60, green: 40 })
        return written
      },
    }
    await expect(takeOver({ ...world, cluster: stubborn }, 1, false)).rejects.toThrow('again and again')
    expect(world.writes).toHaveLength(5)
    expect(await drift()).toBeDefined()
  })

  test('in a shift: the shift goes on under a fence that counts', async () => {
    await look(world, (spec.phases[0]?.soak ?? 0) / spec.interval)
    await say(world, { type: 'advance' }, 'devops')
    await sign(world)
    world.shown.sizes.blue = 2
    await look(world)
    await say(world, { type: 'take-over' })
    await takeOver(world, 1, false)
    await shift(world, 1, false)
    expect((await stateOf(world)).weight).toBe(20)
  })
})

test('traffic that somebody gives the canary before its first phase is watched, and a breach rolls back', async () => {
  world = createFakeWorld()
  await startRelease(world)
  world.memory.cut(1, 3)
  Object.assign(world.weights, { blue: 60, green: 40 })
  world.ready.green = 2
  await look(world, 10)
  expect(await stateOf(world)).toMatchObject({ stage: 'awaiting-sign-off', weight: 0 })
  world.samples.set('histogram_quantile', { value: 1_500, at: world.time })
  await look(world, 3)
  await rollBack(world, 1, false)
  expect(world.weights).toEqual({ blue: 100, green: 0 })
})

describe('a shift', () => {
  test('writes over nothing that somebody else changed before anybody has decided', async () => {
    await look(world, (spec.phases[0]?.soak ?? 0) / spec.interval)
    await say(world, { type: 'advance' }, 'devops')
    await sign(world)
    world.images.green = 'other:1'
    await look(world)
    expect(await drift()).toBeDefined()
    world.writes.length = 0
    await shift(world, 1, false)
    expect(world.writes).toEqual([])
    expect(world.images.green).toBe('other:1')
  })
})

import { beforeEach, expect, test } from 'vitest'
import { prepare } from '../../src/jobs/prepare.ts'
import { rollBack } from '../../src/jobs/roll-back.ts'
import { shift } from '../../src/jobs/shift.ts'
import { sweep } from '../../src/jobs/sweep.ts'
import { createFakeWorld, type FakeWorld } from './fake-world.ts'
import { eventsOf, look, say, startRelease, stateOf } from './release.ts'

let world: FakeWorld
beforeEach(async () => {
  world = createFakeWorld()
  await startRelease(world)
})

const last = async () => (await eventsOf(world)).at(-1)
const isFailed = async () => (await eventsOf(world)).includes('step-failed')

/** Raises the mark's fence. */
function carry(fence: { readonly rollout?: number; readonly version: number }): void {
  const { mark } = world.shown
  world.shown.mark = mark && { ...mark, ...fence }
}

test('a shift that finds its mark closed by break-glass is not told as failed; the next look ends the rollout', async () => {
  await world.breakGlass('cli:somebody@host', 'hold')
  await shift(world, 1, false)
  expect(await last()).toBe('canary-ready')
  await look(world)
  expect(await isFailed()).toBe(false)
  expect(await stateOf(world)).toMatchObject({ stage: 'rolled-back', rollback: { cause: 'break-glass' } })
})

test('until the next look has told of the closed mark, the sweep starts the shift again, which changes nothing', async () => {
  await world.breakGlass('cli:somebody@host', 'hold')
  for (let i = 0; i < 3; i++) {
    const started: string[] = []
    await sweep(
      world,
      { startJobs: async (jobs) => void started.push(...jobs.map((j) => j.name)), startProjections: async () => {} },
      await stateOf(world),
    )
    expect(started).toEqual(['shift'])
    await shift(world, 1, false)
  }
  expect(world.weights.green).toBe(0)
  expect(await last()).toBe('canary-ready')
})

test('a shift that finds the fence of a newer rollout ends its own, and is not told as failed', async () => {
  carry({ rollout: 2, version: 9 })
  await shift(world, 1, false)
  expect(await isFailed()).toBe(false)
  expect(await last()).toBe('superseded')
})

test.each(['the route', 'a track'])(
  'a shift that finds a fence on %s that the ledger has lost is held, not failed',
  async (where) => {
    if (where === 'the route') carry({ version: 40 })
    else world.shown.fences.green = { rollout: 1, version: 40 }
    await shift(world, 1, false)
    expect(await isFailed()).toBe(false)
    expect(await stateOf(world)).toMatchObject({ stage: 'waiting', lost: {} })
    // Held for a person, whose rollback outranks whatever was found.
    await say(world, { type: 'roll-back', reason: '', forced: true })
    await rollBack(world, 1, false)
    expect((await stateOf(world)).stage).toBe('rolled-back')
  },
)

test('a shift that stood still while a person took over finds a newer fence, and asks nobody', async () => {
  const { size } = world.cluster
  const stale = {
    ...world,
    cluster: {
      ...world.cluster,
      async size(...order: Parameters<typeof size>) {
        Object.assign(world.weights, { blue: 60, green: 40 })
        await look(world)
        await say(world, { type: 'take-over' })
        world.shown.fences.green = { rollout: 1, version: (await stateOf(world)).phaseVersion }
        await size(...order)
      },
    },
  }
  await shift(stale, 1, false)
  expect(await isFailed()).toBe(false)
  expect(await last()).toBe('taken-over')
})

test('a fence that proves nothing lost is told: nobody else would say why the step does not go on', async () => {
  // Somebody has put an older mark on the route again: the track is still a newer rollout's.
  world.shown.fences.green = { rollout: 2, version: 1 }
  await shift(world, 1, false)
  expect(await last()).toBe('step-failed')
  expect((await stateOf(world)).failure?.todo).not.toBe('')
})

test('a preparation that finds a newer rollout on the route ends its own', async () => {
  world = createFakeWorld()
  await startRelease(world)
  world.memory.cut(1, 1)
  carry({ rollout: 2, version: 3 })
  await prepare(world, 1, false)
  expect(await isFailed()).toBe(false)
  expect(await last()).toBe('superseded')
})

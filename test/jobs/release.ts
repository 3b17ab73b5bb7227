import { cleanUp } from '../../src/jobs/clean-up.ts'
import { own } from '../../src/jobs/outcome.ts'
import { prepare } from '../../src/jobs/prepare.ts'
import { shift } from '../../src/jobs/shift.ts'
import { watch } from '../../src/jobs/watch.ts'
import type { Wish } from '../../src/rollout/commands.ts'
import type { RolloutSpec } from '../../src/rollout/plan.ts'
import { missingRoles, openCheckpoints } from '../../src/rollout/sign-off.ts'
import type { State } from '../../src/rollout/state.ts'
import { holderOf, spec } from '../rollout/drive.ts'
import type { FakeWorld } from './fake-world.ts'

/** What somebody says to rollout 1, now. */
export function say(world: FakeWorld, want: Wish, role = 'sre') {
  return world.rollouts.execute(1, { ...want, id: world.newId(), at: world.time, by: holderOf(role) })
}

export async function stateOf(world: FakeWorld): Promise<State> {
  const state = await world.rollouts.load(1)
  if (state === null) throw new Error('no rollout')
  return state
}

/** The types of rollout 1's events. */
export async function eventsOf(world: FakeWorld): Promise<string[]> {
  return (await world.rollouts.history(1)).map((e) => e.type)
}

/** Every sign-off that the open request waits for. */
export async function sign(world: FakeWorld): Promise<void> {
  const { request, ...state } = await stateOf(world)
  if (request === undefined) throw new Error('nothing to sign')
  for (const checkpoint of openCheckpoints({ ...state, request }, request.phase)) {
    const { role = '' } = spec.phases[request.phase - 1]?.checkpoints?.[checkpoint - 1] ?? {}
    await say(world, { type: 'tick-checkpoint', checkpoint, roles: [role], holders: [] }, role)
  }
  for (const role of missingRoles({ ...state, request }, request))
    await say(world, { type: 'approve', request: request.id, roles: [role], holders: [] }, role)
}

/** A release that was started and is not prepared yet, by the shipped configuration unless given another one. */
export async function begin(world: FakeWorld, release: RolloutSpec = spec): Promise<void> {
  const report = { id: 'r', version: release.version, image: release.image, validUntil: world.time + 1, blocks: 0 }
  const start = { type: 'start', id: 'start', at: world.time, by: holderOf('devops'), spec: release, report } as const
  await world.rollouts.start(start)
}

/** The same, prepared. */
export async function prepareRelease(world: FakeWorld, release: RolloutSpec = spec): Promise<void> {
  await begin(world, release)
  await prepare(world, 1, false)
}

/** The same, signed for phase 1. */
export async function startRelease(world: FakeWorld, release: RolloutSpec = spec): Promise<void> {
  await prepareRelease(world, release)
  await sign(world)
}

/** Looks, an interval apart. */
export async function look(world: FakeWorld, times = 1): Promise<void> {
  for (let i = 0; i < times; i++) {
    world.time += spec.interval
    await watch(world, await stateOf(world))
  }
}

/** The present phase has passed, and the next one is asked for. */
export async function askForNext(world: FakeWorld): Promise<void> {
  const { phase } = await stateOf(world)
  const observed = spec.phases[phase - 1]?.soak ?? 0
  world.time += observed
  await world.rollouts.execute(1, own(world, { type: 'record-soak', phase, of: 'soak', observed, figures: [] }))
  await say(world, { type: 'advance' }, 'devops')
}

/** Phase 1 runs this image, and phase 2 has started, signed for it. */
export async function startPhase2(world: FakeWorld, imageId: string): Promise<void> {
  await startRelease(world)
  await shift(world, 1, false)
  world.shown.imageIds.green = [imageId]
  await look(world)
  await askForNext(world)
  await sign(world)
  await look(world)
}

/** Soaks the present phase in full, then asks, signs and shifts the next one. */
export async function nextPhase(world: FakeWorld): Promise<void> {
  await askForNext(world)
  await sign(world)
  await watch(world, await stateOf(world))
  await shift(world, 1, false)
}

/** Cleans rollout 1 up; time passes as the job waits for it, and `onWait` happens then. */
export async function cleanedUp(world: FakeWorld, onWait: () => void = () => undefined): Promise<void> {
  const clock = {
    now: () => world.time,
    async wait(ms: number) {
      world.time += ms
      onWait()
    },
  }
  await cleanUp({ ...world, clock }, 1, false)
}

import { dueJobs, lastShown } from '../rollout/effects.ts'
import { isOpen, type State } from '../rollout/state.ts'
import { projectionsOf } from './projections.ts'
import { type Starter, startJobsAnd } from './starter.ts'
import type { World } from './world.ts'

/** Starts what a crash left out for one rollout: due jobs and lagging projections; closes it when nothing is left. */
export async function sweep(world: World, starter: Starter, state: State): Promise<void> {
  const { rollout } = state
  await startJobsAnd(starter, dueJobs(state), async () => {
    const projections = projectionsOf(world.config)
    const done = await world.cursors.done(rollout, projections)
    const lagging = projections.filter((name, i) => (done[i] ?? 0) < lastShown(state, name))
    await starter.startProjections(rollout, lagging)
    if (lagging.length === 0 && !isOpen(state)) await world.rollouts.close(state)
  })
}

import type { WeightsWritten } from '../jobs/ports.ts'
import type { Track } from '../rollout/plan.ts'
import { refuseOlder } from './fence.ts'
import type { ManagedRoute } from './find-route.ts'
import { type RestoreOrder, standBy } from './stand-by.ts'
import { createTimedSteps } from './timed-steps.ts'
import { isCurrent, markFor, refuseOtherService, type Traffic } from './traffic.ts'
import { allTo, other, percentOf, weightsText, writtenWeights } from './weights.ts'
import type { Workloads } from './workloads.ts'
import { readBack, withoutNeed, writeRoute } from './write-route.ts'

/**
 * See `Cluster.restore`. The fence in the mark is raised even when stable has everything already: an older order to shift,
 * still under way somewhere, must not be carried out afterwards.
 */
export async function restore(traffic: Traffic, workloads: Workloads, order: RestoreOrder): Promise<WeightsWritten> {
  const { stable, fence } = order
  const { clock, service } = traffic
  const canary = other(stable)
  const access = withoutNeed(traffic.access, canary)
  const steps = createTimedSteps(clock)

  const first = await steps.run('read the route', access.read)
  refuse(first)
  if (!isRestored(first, stable)) await standBy(traffic, workloads, steps, order)
  const before = await writeRoute(access, steps, (route) => {
    refuse(route)
    const mark = markFor(traffic, route, fence, stable, 0)
    if (!isRestored(route, stable)) return { weights: allTo(route, stable), mark }
    return isCurrent(route, fence, 0) ? null : { mark }
  })
  const to = await readBack(access, steps, canary, allTo(before, stable))
  return { from: percentOf(before, canary), to, steps: steps.list }

  function refuse(route: ManagedRoute): void {
    refuseOtherService(route, service)
    refuseOlder(route.what, fence, route.mark)
  }
}

/** Has stable the whole of the pair's weight already? */
export function isRestored(route: ManagedRoute, stable: Track): boolean {
  return weightsText(writtenWeights(route)) === weightsText(allTo(route, stable))
}

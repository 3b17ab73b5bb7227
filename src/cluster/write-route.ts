import { SlipwayError } from '../errors.ts'
import type { Clock } from '../jobs/ports.ts'
import type { Track } from '../rollout/plan.ts'
import type { Client } from './client.ts'
import type { ManagedRoute } from './find-route.ts'
import type { TrafficKind } from './route-object.ts'
import { type RouteChange, routePatch } from './route-patch.ts'
import type { TimedSteps } from './timed-steps.ts'
import { percentOf, weightsText, writtenWeights } from './weights.ts'

/** One managed route: how to read it (found again by name each time) and which object it stands in. */
export interface RouteAccess {
  readonly client: Client
  readonly clock: Clock
  readonly kind: TrafficKind
  /** Name of the object. */
  readonly name: string
  /** `dispensable`: the track whose destination may be missing. */
  read(dispensable?: Track): Promise<ManagedRoute>
}

/** The same for whoever takes everything back to stable: a canary that is out of the route gets nothing already. */
export function withoutNeed(access: RouteAccess, canary: Track): RouteAccess {
  return { ...access, read: () => access.read(canary) }
}

/** What a writer wants of the route it sees: a change, or null when nothing is left to write. Throws to refuse. */
export type Decide = (route: ManagedRoute) => RouteChange | null

/** How often a write is decided anew when somebody else writes at the same moment. */
const attempts = 8

/** Grows with every conflict, in ms: two writers that collided don't collide again at once. */
const pause = 15

/**
 * Reads the route, decides, writes with tests on all it was decided on; when somebody interfered, reads and decides again.
 * Returns the route as it was decided on. Throws `cluster-refused` with the conflict's status when it never succeeds.
 */
export async function writeRoute(access: RouteAccess, steps: TimedSteps, decide: Decide): Promise<ManagedRoute> {
  for (let attempt = 1; ; attempt += 1) {
    const route = await steps.run('read the route', access.read)
    const change = decide(route)
    if (!change) return route
    const name = change.weights ? 'write the weights' : 'write the mark'
    const answer = await steps.run(name, () =>
      access.client.patchRoute(access.kind, access.name, routePatch(route, change)),
    )
    if (answer === 'written') return route
    if (attempt === attempts) throw new SlipwayError('cluster-refused', { what: route.what, status: answer })
    await access.clock.wait(pause * attempt)
  }
}

/** Reads the weights once more and returns the canary's in percent. Throws `read-back-differs` when they are not the wanted ones. */
export async function readBack(
  access: RouteAccess,
  steps: TimedSteps,
  canary: Track,
  wanted: Readonly<Record<Track, number>>,
): Promise<number> {
  return steps.run('read back', async () => {
    const route = await access.read()
    const [asked, found] = [weightsText(wanted), weightsText(writtenWeights(route))]
    if (asked !== found) throw new SlipwayError('read-back-differs', { what: route.what, wanted: asked, found })
    return percentOf(route, canary)
  })
}

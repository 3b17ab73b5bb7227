import type { ClusterConfig } from '../config/config.ts'
import { SlipwayError } from '../errors.ts'
import type { Claim, Clock, Fence, Order, WeightsWritten } from '../jobs/ports.ts'
import type { Track } from '../rollout/plan.ts'
import type { Client } from './client.ts'
import { isSame, refuseOlder, refuseUnknown } from './fence.ts'
import type { ManagedRoute } from './find-route.ts'
import type { StoredMark } from './mark.ts'
import { manager } from './names.ts'
import { routeReader } from './reader.ts'
import { createTimedSteps } from './timed-steps.ts'
import { trafficKinds } from './traffic-kinds.ts'
import {
  allTo,
  gets,
  managedSum,
  other,
  percentOf,
  refuseCoarse,
  splitFor,
  weightsText,
  writtenWeights,
} from './weights.ts'
import { type RouteAccess, readBack, writeRoute } from './write-route.ts'

/** What the writers of the route need to know. */
export interface Traffic {
  readonly access: RouteAccess
  readonly config: ClusterConfig
  readonly service: string
  readonly clock: Clock
}

export function createTraffic(client: Client, config: ClusterConfig, service: string, clock: Clock): Traffic {
  const kind = trafficKinds[config.traffic.kind]
  const access = { client, clock, kind, name: config.traffic.name, read: routeReader(client, config) }
  return { access, config, service, clock }
}

/** Marks the route for a rollout, in one write that tests the object's version. The mark of a newer rollout refuses. */
export async function claim(traffic: Traffic, mark: Claim): Promise<void> {
  const { stable, canary } = mark
  await writeRoute(traffic.access, createTimedSteps(traffic.clock), (route) => {
    refuseOtherService(route, mark.service)
    const present = route.mark
    const same = present?.rollout === mark.rollout
    if (!same) refuseOlder(route.what, mark, present)
    if (present && same && present.version >= mark.version) return null
    const swaps = same && present?.stable !== stable
    // Break-glass goes by the mark: the parts may change only while the new stable has everything.
    if (swaps && weightsText(writtenWeights(route)) !== weightsText(allTo(route, stable)))
      throw new SlipwayError('weights-differ', {
        what: route.what,
        expected: weightsText(allTo(route, stable)),
        found: weightsText(writtenWeights(route)),
      })
    const { pointOfNoReturn: _, ...marked } = markFor(
      { ...traffic, service: mark.service },
      route,
      mark,
      stable,
      percentOf(route, canary),
    )
    const { pointOfNoReturn: point } = mark
    return { mark: { ...marked, ...(point !== undefined && { pointOfNoReturn: point }) }, exactly: true }
  })
}

/** See `Cluster.shift`. */
export async function shift(
  traffic: Traffic,
  canary: Track,
  weight: number,
  expected: number,
  order: Order,
): Promise<WeightsWritten> {
  const { access, clock } = traffic
  const steps = createTimedSteps(clock)
  const before = await writeRoute(access, steps, (route) => {
    refuseOtherService(route, traffic.service)
    refuseClosed(route, order)
    refuseOlder(route.what, order, route.mark)
    refuseUnknown(route.what, order, route.mark)
    if (order.until !== undefined && clock.now() > order.until)
      throw new SlipwayError('order-too-old', { what: route.what })
    refuseCoarse(route, weight)
    const found = weightsText(writtenWeights(route))
    const target = splitFor(route.sum, canary, weight)
    if (route.sum === 0 || (!gets(route, canary, expected) && found !== weightsText(target))) {
      const wanted = weightsText(splitFor(route.sum, canary, expected))
      throw new SlipwayError('weights-differ', { what: route.what, expected: wanted, found })
    }
    const mark = markFor(traffic, route, order, other(canary), weight)
    if (found !== weightsText(target)) return { weights: target, mark }
    return isCurrent(route, order, weight) ? null : { mark }
  })
  const to = await readBack(access, steps, canary, splitFor(before.sum, canary, weight))
  return { from: percentOf(before, canary), to, steps: steps.list }
}

/** Throws when the mark on the route is another service's: its rollout numbers can't be compared with ours. */
export function refuseOtherService(route: ManagedRoute, service: string): void {
  const found = route.mark?.service ?? service
  if (found !== service) throw new SlipwayError('other-service', { what: route.what, service, found })
}

function refuseClosed({ what, mark }: ManagedRoute, fence: Fence): void {
  if (mark?.closed && mark.rollout === fence.rollout) {
    throw new SlipwayError('fence-closed', { what, by: mark.by, at: mark.at })
  }
}

/** Does the mark already say what an order with this fence and weight (percent) would write? */
export function isCurrent({ mark }: ManagedRoute, fence: Fence, weight: number): boolean {
  return mark !== null && isSame(mark, fence) && mark.weight === weight
}

/**
 * The mark for a write of this fence. One that break-glass closed for the same rollout stays closed, and says by whom; what the
 * rollout's claim has said of a point of no return stays, too.
 */
export function markFor(
  { config, service, clock }: Traffic,
  route: ManagedRoute,
  { rollout, version, hash }: Fence,
  stable: Track,
  weight: number,
): StoredMark {
  const { blue, green } = config.tracks
  const found = route.mark?.rollout === rollout ? route.mark : null
  const closed = found?.closed === true
  const point = found?.pointOfNoReturn
  return {
    service,
    rollout,
    version,
    ...(hash !== undefined && { hash }),
    stable,
    canary: other(stable),
    closed,
    by: closed ? found.by : manager,
    at: closed ? found.at : new Date(clock.now()).toISOString(),
    weight,
    route: route.name,
    destinations: { blue: blue.destination, green: green.destination },
    deployments: { blue: blue.deployment, green: green.deployment },
    sum: managedSum(route),
    ...(point !== undefined && { pointOfNoReturn: point }),
  }
}

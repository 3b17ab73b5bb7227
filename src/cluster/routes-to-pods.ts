import { SlipwayError } from '../errors.ts'
import type { Track } from '../rollout/plan.ts'
import type { ReadingClient } from './client.ts'
import type { Deployment } from './deployment.ts'
import { listSubsets, type Subset } from './destination-rules.ts'
import type { ManagedRoute } from './find-route.ts'
import { isSamePods, otherRoutes, routesBeside } from './other-routes.ts'
import type { Destination, RouteObject } from './route-object.ts'
import { isSameHost, serviceOf } from './service-host.ts'

type Labels = Readonly<Record<string, string>>

/**
 * The routes of `otherRoutes`, and those that lead to the tracks' pods by another name: a subset with fewer labels, a Service that chooses
 * them too. A Service that is missing, of another namespace, or not Slipway's to read says nothing.
 */
export async function routesToPods(
  client: ReadingClient,
  object: RouteObject,
  route: ManagedRoute,
  deployments: Readonly<Record<Track, Deployment>>,
): Promise<Readonly<Record<Track, readonly string[]>>> {
  const { namespace } = object.metadata
  const receivers = routesBeside(object, route).flatMap(({ sendsTo }) => sendsTo)
  const subsets = receivers.some(({ subset }) => subset !== undefined) ? await listSubsets(client) : []
  const chosen = new Map<Destination, Labels | null>()
  for (const to of receivers) chosen.set(to, await labelsOf(client, to, subsets))
  return otherRoutes(object, route, (to, track) => {
    const labels = chosen.get(to) ?? null
    return isSamePods(to, route.pair[track], namespace) || (labels !== null && chooses(labels, deployments[track]))
  })
}

/** Does a choice by these labels take in the pods of a Deployment? */
export function chooses(labels: Labels, { template }: Deployment): boolean {
  const found: Labels = template.metadata?.labels ?? {}
  return Object.entries(labels).every(([key, value]) => found[key] === value)
}

/** By which labels the pods of a destination are chosen; null where nothing says. */
async function labelsOf(
  client: ReadingClient,
  { host, subset }: Destination,
  subsets: readonly Subset[],
): Promise<Labels | null> {
  const { namespace } = client
  const service = serviceOf(host, namespace)
  const selector = service?.namespace === namespace ? await selectorOf(client, service.name) : null
  if (selector === null || subset === undefined) return selector
  const found = subsets.find((one) => one.name === subset && isSameHost(one.host, host, namespace))
  return found === undefined ? null : { ...selector, ...found.labels }
}

/** A Service without a selector chooses no pods. */
async function selectorOf(client: ReadingClient, name: string): Promise<Labels | null> {
  try {
    const { spec } = await client.readService(name)
    const labels = spec?.selector ?? {}
    return Object.keys(labels).length === 0 ? null : labels
  } catch (error) {
    if (error instanceof SlipwayError && ['cluster-not-found', 'cluster-forbidden'].includes(error.code)) return null
    throw error
  }
}

import type { V1Pod } from '@kubernetes/client-node'
import type { ClusterConfig } from '../config/config.ts'
import type { ClusterView, TrackView } from '../jobs/ports.ts'
import type { Track } from '../rollout/plan.ts'
import type { ReadingClient } from './client.ts'
import type { Deployment } from './deployment.ts'
import { findRoute } from './find-route.ts'
import { lastManager } from './last-manager.ts'
import { publicMark } from './mark.ts'
import { otherRoutes } from './other-routes.ts'
import { hasLabels, imageIdsOf, isReady, isThere, problemOf, runsImage } from './pods.ts'
import { trafficKinds } from './traffic-kinds.ts'
import { percentOf } from './weights.ts'

/** Reads Deployments, pods and route, side by side where it can, and says how they stand. */
export async function view(
  client: ReadingClient,
  config: ClusterConfig,
  read: (track: Track) => Promise<Deployment>,
): Promise<ClusterView> {
  const kind = trafficKinds[config.traffic.kind]
  const [blue, green, object] = await Promise.all([
    read('blue'),
    read('green'),
    client.readRoute(kind, config.traffic.name),
  ])
  const pods = await client.listPods(commonSelector(blue, green))
  const destinations = { blue: config.tracks.blue.destination, green: config.tracks.green.destination }
  const route = findRoute(kind, object, config.traffic.route ?? null, destinations)
  const last = lastManager(object.metadata.managedFields, kind.field)
  return {
    tracks: {
      blue: trackView('blue', blue, pods, config.container),
      green: trackView('green', green, pods, config.container),
    },
    route: {
      weights: { blue: percentOf(route, 'blue'), green: percentOf(route, 'green') },
      others: otherRoutes(object, route),
      mark: route.mark && publicMark(route.mark),
      ...(last === undefined ? {} : { lastManager: last }),
    },
  }
}

/** The labels that the pods of both tracks carry, so that one list brings all of them. */
function commonSelector(blue: Deployment, green: Deployment): string {
  return Object.entries(blue.podLabels)
    .filter(([key, value]) => green.podLabels[key] === value)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
}

function trackView(track: Track, deployment: Deployment, all: readonly V1Pod[], container: string): TrackView {
  const { name, image, replicas, fence, observed, podLabels, readyPods, lastManager, sizedBy } = deployment
  const pods = all.filter((pod) => hasLabels(pod, podLabels) && isThere(pod))
  const wanted = pods.filter((pod) => runsImage(pod, container, image))
  const readyWanted = wanted.filter(isReady).length
  const serving = pods.filter(isReady).length
  const problem = wanted.map(problemOf).find((found) => found !== undefined) ?? deployment.problem
  return {
    track,
    deployment: name,
    image,
    replicas,
    // Until the controller has seen the last change, pods of the wanted image may be on their way out. A pod that the controller
    // has not counted yet may be as new to whoever sends requests: traffic for six would meet five.
    ready: observed ? Math.min(readyPods, readyWanted) : 0,
    serving,
    oldReady: serving - readyWanted,
    pods: pods.length,
    imageIds: imageIdsOf(wanted, container),
    ...(problem ? { problem } : {}),
    fence,
    ...(lastManager !== undefined && { lastManager }),
    ...(sizedBy !== undefined && { sizedBy }),
  }
}

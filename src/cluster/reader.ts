import type { ClusterConfig } from '../config/config.ts'
import { SlipwayError } from '../errors.ts'
import type { ClusterReader } from '../jobs/ports.ts'
import type { Track } from '../rollout/plan.ts'
import { type Deployments, viewAutoscalers } from './autoscalers.ts'
import type { ReadingClient } from './client.ts'
import { type Deployment, readDeployment } from './deployment.ts'
import { findRoute, type ManagedRoute } from './find-route.ts'
import { gitChanges } from './git-changes.ts'
import { gitOps } from './git-ops.ts'
import { kubectlLine } from './kubectl-line.ts'
import { lastLines } from './last-lines.ts'
import { needsOfOneMore } from './pod-needs.ts'
import { staying } from './pods.ts'
import { type Quota, shortfalls } from './quota-room.ts'
import { templateDifferences } from './template-differences.ts'
import { trafficKinds } from './traffic-kinds.ts'
import { trafficProblems } from './traffic-problems.ts'
import { view } from './view.ts'
import { other } from './weights.ts'

/** The names of the tracks' Deployments. */
export function deploymentsOf({ tracks }: ClusterConfig): Deployments {
  return { blue: tracks.blue.deployment, green: tracks.green.deployment }
}

/** Reads a track's Deployment. */
export function trackReader(client: ReadingClient, { container, tracks }: ClusterConfig) {
  return async (track: Track): Promise<Deployment> =>
    readDeployment(await client.readDeployment(tracks[track].deployment), container)
}

/** Reads the managed pair of destinations, found by name each time; see `findRoute`. */
export function routeReader(client: ReadingClient, { traffic, tracks }: ClusterConfig) {
  const kind = trafficKinds[traffic.kind]
  const destinations = { blue: tracks.blue.destination, green: tracks.green.destination }
  return async (dispensable?: Track): Promise<ManagedRoute> =>
    findRoute(kind, await client.readRoute(kind, traffic.name), traffic.route ?? null, destinations, dispensable)
}

/** Looks at the cluster over a client that has nothing to write with. */
export function readerOver(client: ReadingClient, config: ClusterConfig): ClusterReader {
  const [readTrack, readRoute] = [trackReader(client, config), routeReader(client, config)]
  const changes = async () => {
    const [blue, green, route] = await Promise.all([readTrack('blue'), readTrack('green'), readRoute()])
    return gitChanges([blue, green], route)
  }
  const autoscalers = () => viewAutoscalers(client, deploymentsOf(config))
  return {
    view: () => view(client, config, readTrack),
    lastLines: (problem) => lastLines(client, problem),
    async templateDifferences() {
      const [blue, green] = await Promise.all([readTrack('blue'), readTrack('green')])
      return templateDifferences(blue, green, config.tracks)
    },
    gitOps: () => gitOps(client, config, changes, autoscalers),
    gitChanges: changes,
    trafficProblems: (weights) => trafficProblems(client, config, readTrack, weights),
    async quotaShortfalls(track, pods) {
      if (pods <= 0) return []
      const [{ template }, quotas] = await Promise.all([readTrack(track), quotasIfReadable(client)])
      if (quotas.length === 0) return []
      const { podLabels } = await readTrack(track === 'blue' ? 'green' : 'blue')
      const selector = Object.entries(podLabels).map(([key, value]) => `${key}=${value}`)
      const made = staying(await client.listPods(selector.join(',')), podLabels)
      return shortfalls(quotas, needsOfOneMore(template.spec, made), pods)
    },
    autoscalers,
    async byHand(stable) {
      const { namespace, traffic } = config
      const object = { kind: trafficKinds[traffic.kind], name: traffic.name, namespace }
      return kubectlLine(object, await readRoute(other(stable)), stable)
    },
  }
}

/** Readiness tells that they can't be read; a quota that is full is told again when pods can't be made. */
async function quotasIfReadable(client: ReadingClient): Promise<readonly Quota[]> {
  try {
    return (await client.listQuotas()).map(({ metadata, spec, status }) => ({
      name: metadata?.name ?? '',
      scoped: spec?.scopes !== undefined || spec?.scopeSelector !== undefined,
      hard: status?.hard ?? {},
      used: status?.used ?? {},
    }))
  } catch (error) {
    if (error instanceof SlipwayError && error.code === 'cluster-forbidden') return []
    throw error
  }
}

import type { ClusterConfig } from '../config/config.ts'
import { SlipwayError } from '../errors.ts'
import type { Track } from '../rollout/plan.ts'
import type { ReadingClient } from './client.ts'
import type { Deployment } from './deployment.ts'
import { listSubsets, type Subset, subsetOf } from './destination-rules.ts'
import { findRoute } from './find-route.ts'
import { otherControllers } from './other-controllers.ts'
import { chooses, routesToPods } from './routes-to-pods.ts'
import { serviceOf } from './service-host.ts'
import { trafficKinds } from './traffic-kinds.ts'
import { other, refuseCoarse } from './weights.ts'

const tracks = ['blue', 'green'] as const

/** What chooses the pods of a destination. */
interface Selector {
  readonly what: string
  readonly labels: Readonly<Record<string, string>>
  /** May it choose the pods of both tracks? */
  readonly shared: boolean
}

/**
 * What keeps weights from doing what they say, before any is written: a route that is not as configured, weights that can't be
 * written with this sum, other routes to a track, which no weight reaches, subsets and Services that don't choose the tracks' pods, and another controller of the same weights.
 * `weights` are those of the phases, in percent. Empty when all is well.
 */
export async function trafficProblems(
  client: ReadingClient,
  config: ClusterConfig,
  read: (track: Track) => Promise<Deployment>,
  weights: readonly number[],
): Promise<readonly SlipwayError[]> {
  const kind = trafficKinds[config.traffic.kind]
  const problems: SlipwayError[] = []
  /** Goes on after a problem, so that all are told at once. */
  async function look<T>(work: () => Promise<T> | T): Promise<T | null> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error
      problems.push(error)
      return null
    }
  }

  const object = await look(() => client.readRoute(kind, config.traffic.name))
  const destinations = { blue: config.tracks.blue.destination, green: config.tracks.green.destination }
  const route = object && (await look(() => findRoute(kind, object, config.traffic.route ?? null, destinations)))
  if (route) {
    await look(() => {
      for (const weight of weights) refuseCoarse(route, weight)
    })
  }
  if (object) {
    await look(async () => {
      for (const { name, evidence } of await otherControllers(client, config, object))
        problems.push(new SlipwayError('second-controller', { what: object.what, controller: name, evidence }))
    })
  }
  await look(async () => {
    const deployments = { blue: await read('blue'), green: await read('green') }
    if (route) {
      await look(async () => {
        // Either track: the canary would serve such a route before it was signed for, stable leaves it without pods at the end.
        const others = await routesToPods(client, object, route, deployments)
        for (const track of tracks) {
          const names = others[track].join(', ')
          if (names !== '') problems.push(new SlipwayError('track-shared', { what: object.what, track, names }))
        }
      })
    }
    const subsets = usesSubsets(config) ? await listSubsets(client) : []
    for (const track of tracks) {
      await look(async () => {
        for (const selector of await selectorsOf(client, config, track, subsets))
          refuseMisleading(selector, track, deployments)
      })
    }
  })
  // Several routes to one fault are one fault.
  return problems.filter(({ message }, index) => problems.findIndex((one) => one.message === message) === index)
}

function usesSubsets({ tracks: { blue, green } }: ClusterConfig): boolean {
  return blue.destination.subset !== undefined || green.destination.subset !== undefined
}

/** A host that is none of this namespace's Services leads where Slipway can't look: a ServiceEntry, another namespace. */
async function selectorsOf(
  client: ReadingClient,
  { namespace, tracks: configured }: ClusterConfig,
  track: Track,
  subsets: readonly Subset[],
): Promise<readonly Selector[]> {
  const { host, subset } = configured[track].destination
  const found: Selector[] = []
  const service = serviceOf(host, namespace)
  if (service?.namespace === namespace) {
    const { spec } = await client.readService(service.name)
    found.push({
      what: `Service ${namespace}/${service.name}`,
      labels: spec?.selector ?? {},
      shared: subset !== undefined,
    })
  }
  if (subset !== undefined) {
    const { what, labels } = subsetOf(subsets, host, subset, namespace)
    found.push({ what: `Subset ${subset} of ${what}`, labels, shared: false })
  }
  return found
}

function refuseMisleading(
  { what, labels, shared }: Selector,
  track: Track,
  deployments: Readonly<Record<Track, Deployment>>,
): void {
  const [own, others] = [deployments[track], deployments[other(track)]]
  const empty = Object.keys(labels).length === 0
  if (empty || !chooses(labels, own))
    throw new SlipwayError('destination-misleads', { what, fault: `does not choose the pods of ${own.name}` })
  if (!shared && chooses(labels, others))
    throw new SlipwayError('destination-misleads', { what, fault: `chooses the pods of ${others.name} too` })
}

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { ClusterConfig } from '../../config/config.ts'
import { SlipwayError } from '../../errors.ts'
import type { Track } from '../../rollout/plan.ts'
import { until } from '../until.ts'
import type { Breakage, BreakagePlace, Broken } from './breakage.ts'
import { type ClusterReader, clusterReader } from './cluster-reader.ts'
import { serviceExposition, trackExposition } from './exposition.ts'
import { type Requests, ServiceModel, type Surroundings, tracks } from './model.ts'
import { seededRandom } from './random.ts'

/** Time between two steps of the model, in ms. */
const stepEvery = 100
/** Time between two looks at what is known of the cluster, in ms. A change of weights takes effect one look after it was seen. */
const lookEvery = 200

export interface SimulatedService {
  readonly url: string
  /** Requests by track since the start, counted once each; `url`/requests.json tells the same. */
  requests(): Readonly<Record<Track, Requests>>
  /** Breaks something until it is healed, at once or gradually. Returns the tracks that are hit. */
  break(what: Breakage, place?: BreakagePlace, gradually?: boolean): readonly Track[]
  /** Mends one thing, or everything. Returns what was broken. */
  heal(what?: Breakage): readonly Broken[]
  /** What is broken at present. */
  broken(): readonly Broken[]
  /** What its health endpoint says from now on. */
  setHealth(well: boolean): void
  stop(): Promise<void>
}

/**
 * Runs the simulated service in this process: traffic follows the cluster as a mesh does, a little late, and goes on
 * as before while the cluster does not answer.
 * @throws SlipwayError `sandbox-start-failed` when the pods that should get the traffic are not ready within a minute, and
 * what the cluster's client throws when the cluster can't be read.
 */
export async function startSimulatedService(options: {
  readonly service: string
  readonly cluster: ClusterConfig
  readonly kubeconfig: string
  readonly seed: number
  /** How many times faster than life its days pass. */
  readonly speed: number
  readonly port: number
}): Promise<SimulatedService> {
  const { service, cluster } = options
  const reader = await clusterReader(options.kubeconfig, cluster)
  const start = await whenReady(reader)
  const model = new ServiceModel(seededRandom(options.seed), start, options.speed)

  let weights = start.weights
  const look = () => {
    const seen = reader.last()
    model.observe({ ...seen, weights })
    weights = seen.weights
  }
  let last = performance.now()
  const step = () => {
    const now = performance.now()
    model.step((now - last) / 1_000)
    last = now
  }
  const timers = [setInterval(step, stepEvery), setInterval(look, lookEvery)]

  const text = (body: string) => ({ type: 'text/plain; version=0.0.4', body })
  let isWell = true
  const requests = () => ({ blue: model.requests('blue'), green: model.requests('green') })
  const deployments = { blue: cluster.tracks.blue.deployment, green: cluster.tracks.green.deployment }
  const pages = new Map<string, () => { readonly type: string; readonly body: string }>([
    ['/metrics', () => text(serviceExposition(model, service, deployments, Date.now()))],
    ['/requests.json', () => ({ type: 'application/json', body: JSON.stringify(requests()) })],
    ...tracks.map((track) => [`/metrics/${track}`, () => text(trackExposition(model, service, track))] as const),
  ])
  const server = createServer((request, response) => {
    if (request.url === '/healthz') return void response.writeHead(isWell ? 200 : 503).end()
    const page = pages.get(request.url ?? '')?.()
    response.writeHead(page ? 200 : 404, { 'content-type': page?.type ?? 'text/plain' })
    response.end(page?.body ?? `Not here. There are ${['/healthz', ...pages.keys()].join(', ')}.\n`)
  })
  server.listen(options.port, '127.0.0.1')
  await once(server, 'listening')

  return {
    url: `http://127.0.0.1:${options.port}`,
    requests,
    break: (what, place = 'canary', gradually = false) => model.break(what, place, gradually),
    heal: (what) => model.heal(what),
    broken: () => model.broken(),
    setHealth(well) {
      isWell = well
    },
    async stop() {
      for (const timer of timers) clearInterval(timer)
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      reader.close()
    },
  }
}

/** The cluster as it stands once every track with traffic has all its pods: before that there is no service. */
async function whenReady(reader: ClusterReader): Promise<Surroundings> {
  const limit = 60_000
  const lacking = () => {
    const { weights, ready, wanted } = reader.last()
    return tracks.filter((track) => weights[track] > 0 && ready[track] < wanted[track])
  }
  if (await until(async () => lacking().length === 0 || undefined, limit)) return reader.last()
  reader.close()
  const { ready, wanted } = reader.last()
  const output = lacking().map((track) => `${track}: ${ready[track]} of ${wanted[track]} pods are ready`)
  throw new SlipwayError('sandbox-start-failed', { name: 'The service', output: output.join('\n'), code: null })
}

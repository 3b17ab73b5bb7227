import { readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Config } from '../config/config.ts'
import { parseConfig } from '../config/load.ts'
import type { Role } from '../rollout/plan.ts'
import type { Child } from './child.ts'
import { startControl } from './control.ts'
import { deriveConfig } from './derived-config.ts'
import { makeDirectory } from './directory.ts'
import { freePort } from './free-port.ts'
import { type Keeper, startKeeper } from './keeper.ts'
import { type Kubernetes, startKubernetes } from './kubernetes.ts'
import { startNeighbours } from './neighbours.ts'
import { type Outside, startOutside } from './outside.ts'
import { type SandboxPagerDuty, startPagerDuty } from './pagerduty/pagerduty.ts'
import { type Prometheus, startPrometheus } from './prometheus.ts'
import { type Redis, startRedis } from './redis.ts'
import { startSandboxCommand } from './sandbox-command.ts'
import { type SimulatedService, startSimulatedService } from './service/simulated-service.ts'
import { SlackDriver } from './slack-driver.ts'
import { channelId, outsider, type SlackWorkspace, slackApp, startSlack, userOf } from './slack-workspace.ts'
import { startSlipway } from './slipway-process.ts'
import { Teardown } from './teardown.ts'
import { createTroubles, type Troubles } from './troubles.ts'
import { withHttpRoute } from './with-http-route.ts'

export interface WorldOptions {
  /** The configuration to derive the world's own from. Default: deployment-config.yaml at the top. */
  readonly config?: string
  /** Divides every configured duration. Default: 60. */
  readonly speed?: number
  /** Where the world keeps its files; must be empty or not there yet. Default: a new one below the temporary directory. */
  readonly dir?: string
  /** The manifests of the service under release. Default: k8s/service.yaml and what splits its traffic. */
  readonly manifests?: readonly string[]
  /** Splits the traffic in this way instead of the configured one. */
  readonly traffic?: 'http-route'
  /** A real cluster instead of the stand-in. */
  readonly kubeconfig?: string
  /** Start Slipway as well? Default: yes. */
  readonly slipway?: boolean
  /** Time between two looks of Prometheus at the service, in ms. Default: a second. */
  readonly scrapeInterval?: number
  /** Slack takes posts and edits so many times as fast, and Slipway makes them so fast. Default: 1. */
  readonly slackPace?: number
  /** Seed of the simulated traffic. Default: 1. */
  readonly seed?: number
  /** Told what is being started. */
  readonly onProgress?: (what: string) => void
  /** Aborting it ends a start that is under way. */
  readonly signal?: AbortSignal
}

/** A whole world around Slipway, of its own: several can run side by side. */
export interface World {
  readonly dir: string
  /** The derived configuration: its file and its content. */
  readonly configFile: string
  readonly config: Config
  /** Pages and APIs, each by its address. */
  readonly urls: Readonly<
    Record<'slack' | 'pagerduty' | 'prometheus' | 'service' | 'requests' | 'kubernetes' | 'redis' | 'slipway', string>
  >
  /** The environment in which Slipway, its command line and kubectl speak to this world. */
  readonly env: Readonly<Record<string, string>>
  readonly channel: string
  /** Slack user by role, and `developer`, who holds none. */
  readonly users: Readonly<Record<Role, string>>
  readonly slack: SlackDriver
  /** The workspace itself; `strict` can refuse and be made unwell. */
  readonly workspace: SlackWorkspace
  readonly service: SimulatedService
  /** The systems around Slipway as it reaches them. */
  readonly outside: Outside
  /** What readiness looks at and can be broken beside these. */
  readonly troubles: Troubles
  readonly redis: Redis
  readonly prometheus: Prometheus
  readonly pagerduty: SandboxPagerDuty
  readonly kubernetes: Kubernetes
  /** The process of Slipway that was started last, if any. */
  readonly slipway: Child | null
  /** Process ids at present. */
  readonly pids: Readonly<Record<string, number>>
  /** Starts (another) Slipway and waits until it is ready. @throws SlipwayError `sandbox-start-failed`. */
  startSlipway(): Promise<Child>
  /** Ends every process and removes the directory. */
  stop(): Promise<void>
}

/** What Alertmanager would send along in this world. */
export const alertmanagerToken = 'sandbox-alertmanager-token'

const top = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Starts a world on free loopback ports, and leaves nothing behind when that fails half-way or is aborted.
 * @throws SlipwayError `sandbox-…` or `config-invalid`, or what the signal was aborted with.
 */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const dir = await makeDirectory(options.dir)
  const keeper = startKeeper(dir)
  const teardown = new Teardown()
  teardown.add(() => keeper.finish())
  try {
    return await build(options, dir, keeper, teardown)
  } catch (error) {
    await teardown.run()
    throw error
  }
}

async function build(options: WorldOptions, dir: string, keeper: Keeper, teardown: Teardown): Promise<World> {
  const progress = (what: string) => {
    options.onProgress?.(what)
    options.signal?.throwIfAborted()
  }
  const source = options.config ?? join(top, 'deployment-config.yaml')
  const written = await readFile(source, 'utf8')
  const text = options.traffic === 'http-route' ? withHttpRoute(written) : written
  const given = parseConfig(text, source)

  progress('Starting Redis, the Kubernetes API, PagerDuty, Slack and Prometheus')
  const servicePort = await freePort()
  const manifests =
    options.manifests ?? ['service', given.cluster.traffic.kind].map((name) => join(top, 'k8s', `${name}.yaml`))
  const starting = [
    undoable(teardown, startRedis(dir, keeper), (it) => it.stop()),
    undoable(teardown, startKubernetes({ dir, manifests, given: options.kubeconfig }), (it) => it.close()),
    undoable(teardown, startPagerDuty({ dir }), (it) => it.close()),
    undoable(teardown, startSlack(dir, given, keeper, options.slackPace ?? 1), (it) => it.stop()),
    undoable(
      teardown,
      startPrometheus(
        dir,
        { name: given.service, url: `http://127.0.0.1:${servicePort}` },
        options.scrapeInterval ?? 1_000,
        keeper,
      ),
      (it) => it.stop(),
    ),
  ] as const
  // Nothing may still be starting when the rest is undone.
  await Promise.allSettled(starting)
  const [redis, kubernetes, pagerduty, workspace, prometheus] = await Promise.all(starting)

  progress('Starting the service under release')
  const service = await undoable(
    teardown,
    startSimulatedService({
      service: given.service,
      cluster: given.cluster,
      kubeconfig: kubernetes.kubeconfig,
      seed: options.seed ?? 1,
      speed: options.speed ?? 60,
      port: servicePort,
    }),
    (it) => it.stop(),
  )
  const outside = await undoable(
    teardown,
    startOutside({
      dir,
      redisUrl: redis.url,
      prometheusUrl: prometheus.url,
      kubernetes,
      isRealCluster: options.kubeconfig !== undefined,
      pagerduty,
      slack: workspace.strict,
    }),
    (it) => it.close(),
  )
  const neighbours = await undoable(teardown, startNeighbours(), (it) => it.close())
  const troubles = createTroubles({
    service,
    neighbours,
    pagerduty,
    slack: workspace.strict,
    standIn: kubernetes.standIn,
    cluster: given.cluster,
  })
  const breakable = { service, outside, troubles }
  await undoable(teardown, startSandboxCommand(workspace.lenientApiUrl, breakable), (it) => it.stop())
  await undoable(teardown, startControl(dir, breakable), (it) => it.close())

  const roles = Object.fromEntries(Object.keys(given.roles).map((role) => [role, userOf(role)]))
  const configFile = join(dir, 'deployment-config.yaml')
  const derived = deriveConfig(text, source, {
    channel: channelId,
    users: roles,
    prometheusUrl: outside.prometheusUrl,
    pagerdutyPage: pagerduty.servicePage,
    pagerdutyApi: `https://${pagerduty.host}`,
    health: `${service.url}/healthz`,
    neighbours: neighbours.urls,
    speed: options.speed ?? 60,
  })
  await writeFile(configFile, derived)

  const httpPort = await freePort()
  const slipwayUrl = `http://127.0.0.1:${httpPort}`
  const env = {
    SLIPWAY_CONFIG: configFile,
    SLACK_BOT_TOKEN: slackApp.botToken,
    SLACK_APP_TOKEN: slackApp.appToken,
    SLACK_API_URL: workspace.apiUrl,
    SLIPWAY_SLACK_PACE: String(options.slackPace ?? 1),
    SLIPWAY_REDIS_URL: outside.redisUrl,
    PAGERDUTY_ROUTING_KEY: pagerduty.routingKey,
    PAGERDUTY_API_TOKEN: pagerduty.apiToken,
    PAGERDUTY_EVENTS_HOST: pagerduty.host,
    PAGERDUTY_API_HOST: pagerduty.host,
    SLIPWAY_PROMETHEUS_URL: outside.prometheusUrl,
    SLIPWAY_HTTP_PORT: String(httpPort),
    KUBECONFIG: outside.kubeconfig,
    NODE_EXTRA_CA_CERTS: pagerduty.caFile,
    // Only asked for by a configuration that takes alerts.
    SLIPWAY_ALERTMANAGER_TOKEN: alertmanagerToken,
  }
  let slipway: Child | null = null
  const world: World = {
    dir,
    configFile,
    config: parseConfig(derived, basename(configFile)),
    urls: {
      slack: workspace.url,
      pagerduty: pagerduty.pageUrl,
      prometheus: prometheus.url,
      service: service.url,
      requests: `${service.url}/requests.json`,
      kubernetes: kubernetes.url,
      redis: redis.url,
      slipway: slipwayUrl,
    },
    env,
    channel: channelId,
    users: { ...roles, [outsider.name]: outsider.id },
    slack: new SlackDriver(workspace.url, channelId),
    workspace,
    service,
    outside,
    troubles,
    redis,
    prometheus,
    pagerduty,
    kubernetes,
    get slipway() {
      return slipway
    },
    get pids() {
      const others = { redis: redis.pid, prometheus: prometheus.pid, slack: workspace.pid }
      return { sandbox: process.pid, ...others, ...(slipway && { slipway: slipway.pid }) }
    },
    async startSlipway() {
      const started = await startSlipway({ dir, config: configFile, env, url: slipwayUrl, keeper })
      teardown.add(() => started.stop())
      slipway = started
      return started
    },
    stop: () => teardown.run(),
  }
  if (options.slipway !== false) {
    progress('Starting Slipway')
    await world.startSlipway()
  }
  progress('Waiting for the first figures in Prometheus')
  await prometheus.scraped()
  return world
}

/** Remembers how to undo a start as soon as it has succeeded. */
async function undoable<T>(teardown: Teardown, starting: Promise<T>, undo: (started: T) => unknown): Promise<T> {
  const started = await starting
  teardown.add(() => undo(started))
  return started
}

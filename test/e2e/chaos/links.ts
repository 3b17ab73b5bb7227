import { type FaultProxy, type LinkFault, startFaultProxy } from '../../../src/sandbox/fault-proxy.ts'
import { freePort } from '../../../src/sandbox/free-port.ts'
import { kubeconfigTo, portOfKubeconfig } from '../../../src/sandbox/kubeconfig-to.ts'
import type { RedisSet } from '../../../src/sandbox/sentinel.ts'
import type { Random } from '../../../src/sandbox/service/random.ts'
import type { World } from '../../../src/sandbox/world.ts'

/** What a Slipway process speaks to. */
export const targets = ['redis', 'kubernetes', 'prometheus', 'slack', 'pagerduty'] as const
export type Target = (typeof targets)[number]

/** The connections of one process to everything around it, each through a proxy. */
export interface Links {
  /** The world's environment, but for the addresses. */
  readonly env: Readonly<Record<string, string>>
  setFault(target: Target, fault: LinkFault | null): void
  /** Connections that were reset or lost bytes so far. */
  hit(): number
  close(): Promise<void>
}

const portOf = (url: string | undefined) => Number(new URL(url ?? '').port)

/**
 * Puts a proxy before each system of the world. Behind sentinels it is the sentinels that are reached through one: they
 * tell the servers' own addresses.
 */
export async function startLinks(
  world: World,
  set: RedisSet | null,
  kubeconfig: string,
  random: Random,
): Promise<Links> {
  const before = (target: number) => startFaultProxy({ target, random })
  const slackPort = portOf(world.urls.slack)
  // The workspace names its own address for the socket.
  const ownPort = await freePort()
  const instead = [`127.0.0.1:${slackPort}`, `127.0.0.1:${ownPort}`] as const
  const [slack, kubernetes, prometheus, pagerduty, ...redis] = await Promise.all([
    startFaultProxy({ target: slackPort, port: ownPort, random, instead }),
    before(await portOfKubeconfig(world.kubernetes.slipwayKubeconfig)),
    before(portOf(world.urls.prometheus)),
    before(Number(world.pagerduty.host.split(':')[1])),
    ...(set?.sentinels ?? [portOf(world.redis.url)]).map(before),
  ])
  const proxies: Readonly<Record<Target, readonly FaultProxy[]>> = {
    redis,
    kubernetes: [kubernetes],
    prometheus: [prometheus],
    slack: [slack],
    pagerduty: [pagerduty],
  }
  const all = Object.values(proxies).flat()
  const events = `127.0.0.1:${pagerduty.port}`
  return {
    env: {
      ...world.env,
      SLACK_API_URL: `http://127.0.0.1:${slack.port}/api/`,
      SLIPWAY_REDIS_URL: set?.url(redis.map(({ port }) => port)) ?? `redis://127.0.0.1:${redis[0]?.port}`,
      PAGERDUTY_EVENTS_HOST: events,
      PAGERDUTY_API_HOST: events,
      SLIPWAY_PROMETHEUS_URL: `http://127.0.0.1:${prometheus.port}`,
      KUBECONFIG: await kubeconfigTo(kubernetes.port, world.kubernetes.slipwayKubeconfig, kubeconfig),
    },
    setFault(target, fault) {
      for (const proxy of proxies[target]) proxy.setFault(fault)
    },
    hit: () => all.reduce((sum, proxy) => sum + proxy.hit(), 0),
    async close() {
      await Promise.all(all.map((proxy) => proxy.close()))
    },
  }
}

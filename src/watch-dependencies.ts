import type { Redis } from 'ioredis'
import type { Dependencies, System } from './dependencies.ts'
import { SlipwayError } from './errors.ts'
import { tell } from './jobs/failure.ts'
import type { World } from './jobs/world.ts'
import { redisPatience } from './ledger/redis.ts'
import { whyRefused } from './ledger/why-refused.ts'

/** Time between two looks, in ms. What does not answer is asked more often. */
const everyRedis = 2_000
const everyOther = 10_000
/** An event counts against what PagerDuty takes of a key. */
const everyPage = 60_000

/** What a look needs. */
interface Parts {
  readonly world: Pick<World, 'config' | 'clock' | 'cluster' | 'metrics' | 'paging'>
  readonly redis: Redis
  readonly dependencies: Dependencies
}

/**
 * Asks Redis, Kubernetes, Prometheus and PagerDuty how they are until the signal, also while no rollout needs them, so that
 * what is away is known before it is missed. Slack is told by its own connection.
 */
export async function watchDependencies({ world, redis, dependencies }: Parts, signal: AbortSignal): Promise<void> {
  const { config, clock, cluster, metrics, paging } = world
  const refused = whyRefused(redis)

  async function keepAsking(system: System, every: number, ask: () => Promise<unknown>): Promise<void> {
    while (!signal.aborted) {
      const failure = await ask().then(
        () => null,
        (error: unknown) => tell(error),
      )
      dependencies.told(system, failure)
      await clock.wait(failure === null ? every : Math.min(every, everyOther), signal).catch(() => undefined)
    }
  }

  await Promise.all([
    keepAsking('redis', everyRedis, async () => {
      try {
        await redis.ping()
      } catch (cause) {
        if (refused(cause)) throw new SlipwayError('ledger-refused', {}, { cause })
        throw new SlipwayError('ledger-unavailable', { after: redisPatience }, { cause })
      }
    }),
    keepAsking('kubernetes', everyOther, () => cluster.view()),
    keepAsking('prometheus', everyOther, async () => {
      const sample = await metrics.query('vector(1)', config.release.staleAfter)
      if ('missing' in sample) throw new SlipwayError('metrics-unreachable', { detail: sample.detail })
    }),
    // PagerDuty drops a resolve of what was never triggered, but first looks at the key.
    keepAsking('pagerduty', everyPage, () => paging.resolve(`${config.service}/reachable`)),
  ])
}

import type { DependencyCheck } from './http/server.ts'
import type { Told } from './jobs/failure.ts'
import type { Clock } from './jobs/ports.ts'
import type { Log } from './jobs/world.ts'
import { durationText } from './slack/format.ts'

/** The outside systems, by the names that people know. */
const titles = {
  redis: 'Redis',
  slack: 'Slack',
  kubernetes: 'Kubernetes',
  prometheus: 'Prometheus',
  pagerduty: 'PagerDuty',
} as const
export type System = keyof typeof titles
const systems: readonly System[] = ['redis', 'slack', 'kubernetes', 'prometheus', 'pagerduty']

/** Which outside systems answer, since when, and what is wrong with those that don't. */
export interface Dependencies {
  /** Notes how a system is now: null when it answers. A change is logged once. */
  told(system: System, failure: Told | null): void
  checks(): Readonly<Record<string, DependencyCheck>>
  /** What does not answer at the moment, one line each, for people. */
  away(): readonly string[]
}

interface Known {
  readonly ok: boolean
  /** Since when it has been so (ms). */
  readonly since: number
  /** Null also before the first answer. */
  readonly failure: Told | null
  /** The failure that was logged and is not over; null when none is. */
  readonly logged: string | null
  /** Did it ever answer? */
  readonly seen: boolean
}

/** What is gone in a moment needs no person. */
const healing: readonly string[] = [
  'ledger-unavailable',
  'slack-unreachable',
  'slack-throttled',
  'cluster-unreachable',
  'metrics-unreachable',
  'paging-unreachable',
]

/** What this process is for. */
interface Purpose {
  /** Clicks arrive here, so it is ready only when Slack brings them. */
  readonly isApp: boolean
  /** The watch loop runs here; it tells by itself that it goes on without Redis. */
  readonly isWorker: boolean
}

export function createDependencies(clock: Pick<Clock, 'now'>, log: Log, { isApp, isWorker }: Purpose): Dependencies {
  const start = clock.now()
  const known = new Map<System, Known>()
  const of = (system: System): Known =>
    known.get(system) ?? { ok: false, since: start, failure: null, logged: null, seen: false }

  return {
    told(system, failure) {
      const before = of(system)
      const ok = failure === null
      const since = before.ok === ok ? before.since : clock.now()
      const fields = { dependency: system, since: new Date(ok ? before.since : since).toISOString() }
      const toldElsewhere = isWorker && failure?.code === 'ledger-unavailable'
      const logged = toldElsewhere ? before.logged : (failure?.code ?? null)
      known.set(system, { ok, since, failure, logged, seen: before.seen || ok })
      if (failure !== null && logged !== null && logged !== before.logged) {
        const level = healing.includes(failure.code) ? 'warn' : 'error'
        log[level](fields, `${titles[system]} is away: ${failure.what} ${failure.todo}`)
      }
      if (ok && before.logged !== null) log.info(fields, `${titles[system]} is back`)
    },
    checks() {
      const check = (system: System): DependencyCheck => {
        const { ok, since, failure, seen } = of(system)
        const detail = failure === null ? 'not asked yet' : `${failure.what} ${failure.todo}`
        // Also without these people must reach Slipway, to roll back; without Redis once it was there.
        const optional = system === 'slack' ? !isApp : system !== 'redis' || seen
        const at = new Date(since).toISOString()
        return { ok, since: at, ...(!ok && { detail }), ...(optional && { optional }) }
      }
      return Object.fromEntries(systems.map((system) => [system, check(system)]))
    },
    away: () =>
      systems.flatMap((system) => {
        const { since, failure } = of(system)
        if (failure === null) return []
        const at = `${new Date(since).toISOString().slice(11, 19)} UTC`
        const { what, todo } = failure
        return [`Waiting for ${titles[system]} since ${at} (${durationText(clock.now() - since)}): ${what} ${todo}`]
      }),
  }
}

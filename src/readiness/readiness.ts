import { tell } from '../jobs/failure.ts'
import type { ClusterView } from '../jobs/ports.ts'
import type { World } from '../jobs/world.ts'
import { application } from './application.ts'
import type { Check, Finding, Subject } from './check.ts'
import { configuration } from './configuration.ts'
import { infrastructure } from './infrastructure.ts'
import { monitoring } from './monitoring.ts'

/** The outcome of all checks. `not-ready` when any check blocks; warnings alone do not keep a release from starting. */
export interface ReadinessReport {
  readonly id: string
  readonly version: string
  /** ms since 1970. */
  readonly at: number
  readonly validUntil: number
  readonly judgement: 'ready' | 'ready-with-warnings' | 'not-ready'
  readonly findings: readonly Finding[]
}

/** Runs every check side by side, each within the configured time. */
export async function checkReadiness(world: World, id: string, version: string): Promise<ReadinessReport> {
  let shared: Promise<ClusterView> | undefined
  const subject: Subject = {
    world,
    version,
    view: () => {
      shared ??= world.cluster.view()
      return shared
    },
  }
  const checks = [...infrastructure, ...application, ...configuration, ...monitoring(world.config)]
  const findings = await Promise.all(checks.map((check) => runCheck(world, subject, check)))
  const at = world.clock.now()
  const { validFor } = world.config.readiness
  return { id, version, at, validUntil: at + validFor, judgement: judgementOf(findings), findings }
}

async function runCheck(world: World, subject: Subject, check: Check): Promise<Finding> {
  const { category, name } = check
  const limit = new AbortController()
  const tooLong = world.clock.wait(world.config.readiness.timeout, limit.signal).then(
    () => 'too long' as const,
    () => 'over' as const,
  )
  try {
    const result = await Promise.race([check.run(subject), tooLong])
    if (typeof result !== 'string') return { category, name, ...result }
    return { category, name, result: 'block', found: 'the check took too long: what it asks does not answer' }
  } catch (error) {
    const { what, todo } = tell(error)
    return { category, name, result: 'block', found: `could not be checked: ${what} ${todo}` }
  } finally {
    limit.abort()
  }
}

function judgementOf(findings: readonly Finding[]): ReadinessReport['judgement'] {
  if (findings.some((f) => f.result === 'block')) return 'not-ready'
  return findings.some((f) => f.result === 'warn') ? 'ready-with-warnings' : 'ready'
}

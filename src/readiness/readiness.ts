import type { Track } from '../rollout/plan.ts'
import { settingsOf } from '../unchecked.ts'
import { catalogue } from './catalogue.ts'
import { type Category, categories } from './category.ts'
import type { Check } from './check.ts'
import { configurationHash } from './configuration-hash.ts'
import { fewAtOnce } from './few-at-once.ts'
import { judgementOf, rulesOf } from './judgement.ts'
import { patientMetrics } from './patient-metrics.ts'
import { type OffCheck, type ReadinessReport, reportVersion } from './report.ts'
import { runCheck } from './run-check.ts'
import type { Outside, Subject } from './subject.ts'

/** What is to be checked. */
export interface ReadinessRequest {
  readonly id: string
  readonly version: string
  readonly image: string
  /** Default: all. */
  readonly categories?: readonly Category[]
  /** The stable track of the rollout that is open. Default: the track that has the traffic. */
  readonly stable?: Track
  /** While a rollout is under way, what only holds before one is left out. */
  readonly underWay?: boolean
  /** Told after each check: how many are done, of how many. */
  readonly onProgress?: (done: number, all: number) => void
}

/** Runs every check that is on, side by side, each within the configured time. Never throws. */
export type CheckReadiness = (request: ReadinessRequest) => Promise<ReadinessReport>

const queriesAtOnce = 8

/** Readiness over this world; `checks` are all there are, but in tests. */
export function createReadiness(
  given: Subject['world'],
  outside: Outside,
  checks: readonly Check[] = catalogue,
): CheckReadiness {
  const world = { ...given, metrics: patientMetrics(given.metrics, fewAtOnce(queriesAtOnce)) }
  return async ({ id, version, image, stable, categories: wanted = categories, underWay = false, onProgress }) => {
    const { config, clock } = world
    const cluster = outside.lookAtCluster()
    const subject: Subject = { world, config, version, image, cluster, outside, ...(stable && { stable }) }
    const asked = checks.filter((c) => wanted.includes(c.category) && !(underWay && c.startOnly))
    const { on, off } = split(asked, subject)
    const began = clock.now()
    let done = 0
    const findings = await Promise.all(
      on.map(async ({ check, configured }) => {
        const finding = await runCheck(subject, check, configured)
        onProgress?.(++done, on.length)
        return finding
      }),
    )
    const at = clock.now()
    return {
      reportVersion,
      id,
      service: config.service,
      version,
      image,
      configuration: configurationHash(config),
      at,
      validUntil: at + config.readiness.validFor,
      judgement: judgementOf(findings),
      rules: rulesOf(config),
      categories: [...wanted],
      findings,
      off,
      ms: at - began,
    }
  }
}

function split(checks: readonly Check[], subject: Subject) {
  const off: OffCheck[] = []
  const on = checks.flatMap((check) => {
    const configured = subject.config.readiness.checks[check.name]
    if (configured === undefined) throw new Error(`no settings for ${check.name}`)
    const why = configured.severity === 'off' ? 'switched off' : check.offBecause(settingsOf(configured), subject)
    if (why === undefined) return [{ check, configured }]
    off.push({ check: check.name, why })
    return []
  })
  return { on, off }
}

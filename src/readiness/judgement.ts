import type { Config } from '../config/config.ts'
import type { Report } from '../rollout/commands.ts'
import { configurationHash } from './configuration-hash.ts'
import type { Finding, ReadinessReport } from './report.ts'

/** What follows from the findings, by the rules that the report states. */
export function judgementOf(findings: readonly Finding[]): ReadinessReport['judgement'] {
  if (findings.some((f) => f.result === 'block')) return 'not-ready'
  return findings.some((f) => f.result === 'warn') ? 'ready-with-warnings' : 'ready'
}

/** The rules of the judgement, for people. */
export function rulesOf({ roles, release }: Config): string[] {
  const decides = roles[release.decides]?.title ?? release.decides
  return [
    "not ready: a check blocks. It can't be started.",
    `ready with warnings: nothing blocks, a check warns. A start needs the sign-off of: ${decides}.`,
    'ready: every check passes.',
    'A check that could not run never passes: it blocks, or warns where `unknown: warn` is configured for it.',
    'A check of `severity: warn` warns where it would block. One that is off is listed, and counts nothing.',
  ]
}

/** The report as far as a start under this configuration needs it. */
export function verdictOf(report: ReadinessReport, config: Config): Report {
  const { id, version, image, validUntil, findings } = report
  const blocks = findings.filter((f) => f.result === 'block').length
  const warnings = findings.filter((f) => f.result === 'warn').map((f) => `${f.title}: ${f.found}`)
  const isOther = report.configuration !== configurationHash(config)
  return { id, version, image, validUntil, blocks, warnings, ...(isOther && { otherConfiguration: true }) }
}

import type { Config } from '../../src/config/config.ts'
import { categories } from '../../src/readiness/category.ts'
import { configurationHash } from '../../src/readiness/configuration-hash.ts'
import { judgementOf } from '../../src/readiness/judgement.ts'
import { type Finding, type ReadinessReport, reportVersion } from '../../src/readiness/report.ts'
import { config, service } from '../rollout/drive.ts'

/** A finding; `title` is what is true when it passes. */
export function sampleFinding(title: string, result: Finding['result'], changes: Partial<Finding> = {}): Finding {
  const expected = 'as it should be'
  const mended = result === 'pass' ? {} : { mend: 'Mend it.' }
  const check = title.toLowerCase().replaceAll(' ', '-')
  const place = { category: 'application', check, title, looked: 'the world' } as const
  return { ...place, result, ran: true, found: 'something', expected, ...mended, ms: 1, ...changes }
}

/** A report of these findings, made under this configuration. */
export function sampleReport(
  version: string,
  validUntil: number,
  findings: readonly Finding[] = [sampleFinding('All is well', 'pass')],
  under: Config = config,
): ReadinessReport {
  return {
    reportVersion,
    id: `report-${version}`,
    service,
    version,
    image: `registry.example.com/claude-enhancer:${version}`,
    configuration: configurationHash(under),
    at: validUntil - 1_800_000,
    validUntil,
    judgement: judgementOf(findings),
    rules: [],
    categories: [...categories],
    findings: [...findings],
    off: [],
    ms: 1,
  }
}

import { categories, categoryTitles } from '../readiness/category.ts'
import type { Finding, ReadinessReport } from '../readiness/report.ts'
import { durationText } from '../slack/format.ts'

export const judgements = {
  ready: 'ready',
  'ready-with-warnings': 'ready with warnings',
  'not-ready': 'NOT READY',
} as const

/** A report as lines of a terminal: what blocks first, then warnings, passes one line a category. */
export function readinessText(report: ReadinessReport): readonly string[] {
  const { service, version, judgement, findings, off, rules, ms, validUntil } = report
  const of = (result: Finding['result']) => findings.filter((f) => f.result === result)
  const passes = categories.flatMap((category) => {
    const titles = of('pass').flatMap((f) => (f.category === category ? [f.title] : []))
    return titles.length === 0 ? [] : [`passes  ${categoryTitles[category]}: ${titles.join(' · ')}`]
  })
  const whole = report.categories.length === categories.length
  const start = whole
    ? `A start is possible until ${new Date(validUntil).toISOString()}.`
    : 'A part of the checks allows no start.'
  return [
    `${service} ${version}: ${judgements[judgement]}`,
    ...of('block').flatMap((f) => trouble('BLOCKS', f)),
    ...of('warn').flatMap((f) => trouble('warns', f)),
    ...passes,
    ...off.map(({ check, why }) => `off     ${check}: ${why}`),
    `${findings.length} checks in ${durationText(ms)}.${judgement === 'not-ready' ? '' : ` ${start}`}`,
    ...rules.map((rule) => `  ${rule}`),
  ]
}

function trouble(sign: string, { category, check, title, looked, found, expected, mend, details = [] }: Finding) {
  return [
    `${sign.padEnd(7)} ${title} (${category}, ${check})`,
    `        looked at  ${looked}`,
    `        found      ${found}`,
    `        expected   ${expected}`,
    ...(mend === undefined ? [] : [`        to do      ${mend}`]),
    ...details.map((line) => `        - ${line}`),
  ]
}

import { categories } from '../readiness/check.ts'
import type { ReadinessReport } from '../readiness/readiness.ts'
import { escapeText, timeText, who } from './format.ts'
import { type Button, buttons, context, header, type Message, section, withId } from './message.ts'

const judgements = { ready: 'ready', 'ready-with-warnings': 'ready with warnings', 'not-ready': 'NOT READY' } as const
const marks = { block: '☒ Blocks:', warn: '⚠ Warns:', pass: '☑' } as const

/** The readiness report for people: what blocks first, then warnings, passes one line a category. */
export function reportMessage(title: string, report: ReadinessReport, askedBy: { id: string; name: string }): Message {
  const headline = `${title} ${report.version}: ${judgements[report.judgement]}`
  const bad = report.findings.filter((f) => f.result !== 'pass')
  const order = { block: 0, warn: 1, pass: 2 } as const
  const troubles = bad
    .toSorted((a, b) => order[a.result] - order[b.result])
    .map((f) => `${marks[f.result]} *${escapeText(f.name)}*: ${escapeText(f.found)}`)
  const passes = categories.flatMap((category) => {
    const passed = report.findings.filter((f) => f.category === category && f.result === 'pass')
    return passed.length === 0
      ? []
      : [`${marks.pass} *${category}*: ${passed.map((f) => escapeText(f.name)).join(' · ')}`]
  })
  const start: Button = {
    action: 'start',
    label: `Start the rollout of ${report.version}`,
    value: report.version,
    style: 'primary',
  }
  const next =
    report.judgement === 'not-ready'
      ? `Mend what blocks, then run \`/deploy readiness ${escapeText(report.version)}\` again.`
      : `Start with \`/deploy advance ${escapeText(report.version)}\` or the button. Valid until ${timeText(report.validUntil)}.`
  const blocks = [
    header(headline),
    ...(troubles.length === 0 ? [] : [section(troubles.join('\n'))]),
    ...(passes.length === 0 ? [] : [section(passes.join('\n'))]),
    section(next),
    ...(report.judgement === 'not-ready' ? [] : buttons([start])),
    context(`Asked for by ${who({ ...askedBy, via: 'slack' })}. ${report.findings.length} checks.`),
  ]
  return withId(reportMessageId(report.id), { text: escapeText(headline), blocks })
}

/** The `block_id` by which a report is found again. */
export function reportMessageId(id: string): string {
  return `report/${id}`.slice(0, 255)
}

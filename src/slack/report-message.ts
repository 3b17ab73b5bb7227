import { categories, categoryTitles } from '../readiness/category.ts'
import type { Finding, ReadinessReport } from '../readiness/report.ts'
import { escapeText, timeText, who } from './format.ts'
import { type Button, buttons, context, header, type Message, section, withId } from './message.ts'

const judgements = { ready: 'ready', 'ready-with-warnings': 'ready with warnings', 'not-ready': 'NOT READY' } as const

/** What is shown while the checks of a version run: how many of them are done. The report takes its place. */
export function progressMessage(
  title: string,
  version: string,
  id: string,
  progress?: { readonly done: number; readonly all: number },
): Message {
  const state = progress === undefined ? 'the checks begin' : `${progress.done} of ${progress.all} checks are done`
  const text = `${title} ${version}: checking`
  return withId(reportMessageId(id), { text: escapeText(text), blocks: [header(text), section(`${state}…`)] })
}

/** The readiness report for people: what blocks first, then warnings, passes one line a category. */
export function reportMessage(title: string, report: ReadinessReport, askedBy: { id: string; name: string }): Message {
  const headline = `${title} ${report.version}: ${judgements[report.judgement]}`
  const of = (result: Finding['result']) => report.findings.filter((f) => f.result === result)
  const passes = categories.flatMap((category) => {
    const passed = of('pass').filter((f) => f.category === category)
    return passed.length === 0
      ? []
      : [`☑ *${categoryTitles[category]}*: ${passed.map((f) => escapeText(f.title)).join(' · ')}`]
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
    ...of('block').map((f) => section(`☒ Blocks: ${trouble(f)}`)),
    ...of('warn').map((f) => section(`⚠ Warns: ${trouble(f)}`)),
    ...(passes.length === 0 ? [] : [section(passes.join('\n'))]),
    section(next),
    ...(report.judgement === 'not-ready' ? [] : buttons([start])),
    context(`Asked for by ${who({ ...askedBy, via: 'slack' })}. ${report.findings.length} checks.`),
  ]
  return withId(reportMessageId(report.id), { text: escapeText(headline), blocks })
}

function trouble({ title, found, expected, mend = '' }: Finding): string {
  return `*${escapeText(title)}*\nFound: ${escapeText(found)}. Expected: ${escapeText(expected)}.\n${escapeText(mend)}`
}

/** The `block_id` by which a report is found again. */
export function reportMessageId(id: string): string {
  return `report/${id}`.slice(0, 255)
}

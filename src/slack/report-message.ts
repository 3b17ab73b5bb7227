import { clip } from '../clip.ts'
import { releaseOf, releaseText } from '../config/release-name.ts'
import { categories, categoryTitles } from '../readiness/category.ts'
import type { Finding, ReadinessReport } from '../readiness/report.ts'
import { durationText, escapeText, timeText, who } from './format.ts'
import { type Button, buttons, context, header, limits, type Message, section, withId } from './message.ts'

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
    const made = report.findings.filter((f) => f.category === category)
    const passed = made.filter((f) => f.result === 'pass').length
    if (passed === 0) return []
    return [`☑ *${categoryTitles[category]}*: ${passed === made.length ? 'all' : `${passed} of`} ${made.length} pass`]
  })
  const release = releaseText(releaseOf(report))
  const start: Button = {
    action: 'start',
    label: `Start the rollout of ${report.version}`,
    value: release,
    style: 'primary',
  }
  const next =
    report.judgement === 'not-ready'
      ? `Mend what blocks, then run \`/deploy readiness ${escapeText(release)}\` again.`
      : `Start with \`/deploy advance ${escapeText(release)}\` or the button. Valid until ${timeText(report.validUntil)}.`
  const off = report.off.map(({ check, why }) => `${check} (${why})`)
  const blocks = [
    header(headline),
    ...troubles([...of('block'), ...of('warn')]).map(section),
    ...(passes.length === 0 ? [] : [section(passes.join('\n'))]),
    section(next),
    ...(report.judgement === 'not-ready' ? [] : buttons([start])),
    context(
      [
        `Asked for by ${who({ ...askedBy, via: 'slack' })}. ${report.findings.length} checks in ${durationText(report.ms)}; what each looked at and found is in the thread.`,
        ...(off.length === 0 ? [] : [`Off: ${escapeText(off.join(', '))}.`]),
        ...report.rules
          .filter((rule) => rule.startsWith(`${judgements[report.judgement].toLowerCase()}:`))
          .map(escapeText),
      ].join('\n'),
    ),
  ]
  return withId(reportMessageId(report.id), { text: escapeText(headline), blocks })
}

/** So many characters of troubles are told one by one: the titles of the others, and the rest of the report, need room, too. */
const longestTroubles = limits.together - 5_000
const longestPart = 300

/** What does not pass, one text each as long as there is room; of the rest the titles. */
function troubles(findings: readonly Finding[]): readonly string[] {
  let length = 0
  const texts = findings.map(troubleText)
  const over = texts.findIndex((text) => {
    length += text.length
    return length > longestTroubles
  })
  if (over < 0) return texts
  const titles = findings.slice(over).map(({ title }) => escapeText(title))
  return [...texts.slice(0, over), `*And ${titles.length} more:* ${titles.join(' · ')}`]
}

function troubleText({ title, result, found, expected, mend = '' }: Finding): string {
  const part = (text: string) => clip(escapeText(text), longestPart)
  const sign = result === 'block' ? '☒ Blocks' : '⚠ Warns'
  return `${sign}: *${escapeText(title)}*\nFound: ${part(found)}. Expected: ${part(expected)}.\n${part(mend)}`
}

/** The `block_id` by which a report is found again. */
export function reportMessageId(id: string): string {
  return `report/${id}`.slice(0, 255)
}

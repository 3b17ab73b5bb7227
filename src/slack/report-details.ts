import { clip } from '../clip.ts'
import type { Told } from '../jobs/failure.ts'
import { type Category, categories, categoryTitles } from '../readiness/category.ts'
import type { Finding, ReadinessReport } from '../readiness/report.ts'
import { durationText, escapeText } from './format.ts'
import { limits, type Message, section, textMessage, withId } from './message.ts'
import { reportMessageId } from './report-message.ts'

const signs = { pass: '☑', warn: '⚠ Warns:', block: '☒ Blocks:' } as const

/** Characters of one part of a finding, and of its details. */
const longestPart = 300
const longestDetails = 1_800
/** What leaves no room for all details leaves some out. */
const longestTogether = limits.together - 1_000

/** What was found, category by category: a message each, with the id by which it is found again. */
export function detailsMessages(
  report: ReadinessReport,
): readonly { readonly id: string; readonly message: Message }[] {
  return categories.flatMap((category) => {
    const findings = report.findings.filter((f) => f.category === category)
    if (findings.length === 0) return []
    const id = detailsId(report.id, category)
    const title = `*${categoryTitles[category]}*: ${countText(findings)}`
    const blocks = [section(title), ...findingTexts(findings).map(section)]
    return [{ id, message: withId(id, { text: title, blocks }) }]
  })
}

function detailsId(id: string, category: Category): string {
  return `${reportMessageId(id).slice(0, 230)}/${category}`
}

function countText(findings: readonly Finding[]): string {
  const of = (result: Finding['result']) => findings.filter((f) => f.result === result).length
  const counts = [`${of('pass')} pass`, ...(of('warn') > 0 ? [`${of('warn')} warn`] : [])]
  return [...counts, ...(of('block') > 0 ? [`${of('block')} block`] : [])].join(', ')
}

/** The findings as texts, with as much of their details as has room. */
function findingTexts(findings: readonly Finding[]): readonly string[] {
  const heads = findings.map(headText)
  let left = longestTogether - heads.join('').length
  return findings.map(({ details }, index) => {
    const text = detailsText(details ?? [], Math.min(longestDetails, left))
    left -= text.length
    return `${heads[index]}${text}`
  })
}

function headText({ title, result, looked, found, expected, mend, check, ms }: Finding): string {
  const part = (text: string) => clip(escapeText(text), longestPart)
  const lines = [
    `${signs[result]} *${escapeText(title)}* (\`${check}\`, ${durationText(ms)})`,
    `Looked at: ${part(looked)}`,
    `Found: ${part(found)}`,
    `Expected: ${part(expected)}`,
    ...(mend === undefined ? [] : [`To do: ${part(mend)}`]),
  ]
  return lines.join('\n')
}

/** A list, or, where it is a text of several lines, something to copy. */
function detailsText(details: readonly string[], most: number): string {
  const isText = details.some((one) => one.includes('\n'))
  const lines = details.map((one) => (isText ? escapeText(one) : `• ${escapeText(one)}`)).join('\n')
  if (lines === '' || most < 100) return ''
  const room = most - 10
  return isText ? `\n\`\`\`\n${clip(lines, room)}\n\`\`\`` : `\n${clip(lines, room)}`
}

/** The `block_id` of what is said in the place of the file. */
export const fileMissingId = (id: string) => `${reportMessageId(id).slice(0, 230)}/no-file`

/** Said in the place of the file where Slack would not take it. */
export function fileMissingMessage({ id, version }: ReadinessReport, { what, todo }: Told): Message {
  const instead = `\`slipway readiness ${escapeText(version)} --json\` makes one in a terminal.`
  const text = `The report could not be attached as a file: ${escapeText(`${what} ${todo}`)} ${instead}`
  return textMessage(fileMissingId(id), text)
}

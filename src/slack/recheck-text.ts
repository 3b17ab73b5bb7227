import { clip } from '../clip.ts'
import type { CheckChange, EventOf } from '../rollout/events.ts'
import { escapeText } from './format.ts'

const judgements = {
  ready: 'ready',
  'ready-with-warnings': 'ready with warnings',
  'not-ready': 'NOT READY',
} as const
const signs = { pass: '☑ Passes now:', warn: '⚠ Warns now:', block: '☒ Blocks now:' } as const
const before = { pass: 'passed', warn: 'warned', block: 'blocked' } as const

/** So many changes are told one by one. */
const most = 8
const longestPart = 200

/** What has changed in readiness since the report; null when nothing has. */
export function recheckText({ phase, judgement, changes }: EventOf<'readiness-rechecked'>): { text: string } | null {
  if (changes.length === 0) return null
  const rest = changes.length - most
  const lines = [
    `*Readiness before phase ${phase}: ${judgements[judgement]}.* Since the report has changed:`,
    ...changes.slice(0, most).map(changeText),
    ...(rest > 0 ? [`… and ${rest} more: \`/deploy readiness\` tells all.`] : []),
  ]
  return { text: lines.join('\n') }
}

function changeText({ title, was, now, found, mend }: CheckChange): string {
  const part = (text: string) => escapeText(clip(text, longestPart))
  const known = was === null ? '' : ` (${before[was]})`
  return `${signs[now]} *${part(title)}*${known}. Found: ${part(found)}.${mend === undefined ? '' : ` ${part(mend)}`}`
}

import type { KnownBlock } from '@slack/web-api'
import { judgeAll, type Readings, type Verdict } from '../../rollout/analysis.ts'
import type { State } from '../../rollout/state.ts'
import { besideText, boundsText, escapeText } from '../format.ts'
import { section } from '../message.ts'

/** The metrics as last read, one line each; `readings` of the watched phase, oldest first. */
export function metricBlocks(state: State, readings: readonly Readings[]): KnownBlock[] {
  if (readings.length === 0 || state.stage === 'rolled-back') return []
  const lines = judgeAll(state.spec, readings)
    .filter((v) => v.state !== 'not-applicable')
    .map(metricLine)
  return lines.length === 0 ? [] : [section(lines.join('\n'))]
}

/** Meaning stands in the word, never in a mark alone. */
function metricLine(verdict: Verdict): string {
  const { metric, last, compared } = verdict
  const words = {
    good: 'good',
    'off-target': 'OFF TARGET',
    broken: 'OVER LIMIT',
    confirmed: 'LIMIT BROKEN',
    missing: 'no number',
    ignored: 'no number, ignored',
    'warming-up': 'warming up',
    'not-applicable': 'not applicable',
  } as const
  const value = last === undefined || 'missing' in last ? '–' : besideText(metric.unit, last.value, last.stable)
  const gathering =
    compared?.verdict === 'gathering' ? `, ${compared.pairs.length} of ${metric.compare?.readings ?? 0} readings` : ''
  return `${escapeText(metric.title)}: *${value}* ${words[verdict.state]}${gathering} (${escapeText(boundsText(metric))})`
}

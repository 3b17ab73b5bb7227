import type { Tally } from './inject.ts'
import { faultText } from './plan.ts'
import type { Outcome } from './run.ts'

/** Lines of each log that are shown of a run that failed. */
const tail = 60
/** Characters of one line that are shown. */
const longest = 700

/** What a run was to be, and what happened. */
export function storyText({ plan, problems, stage, story }: Outcome): string {
  const { seed, course, faults } = plan
  const planned = faults.map(({ after, delay, fault }) => `  ${delay} ms after ${after}: ${faultText(fault)}`)
  return [
    `Seed ${seed} (SLIPWAY_CHAOS_SEED=${seed}), ${JSON.stringify(course)}, ended ${stage}:`,
    ...problems.map((problem) => `- ${problem}`),
    'Planned:',
    ...planned,
    'What happened (ms):',
    ...story.map(({ at, what }) => `  ${String(at).padStart(6)} ${what}`),
  ].join('\n')
}

/** Everything there is to know of a run that did not end as it should. */
export function failureText(outcome: Outcome): string {
  const { events, logs } = outcome
  return [
    storyText(outcome),
    'Ledger:',
    ...events.map((event) => clipped(JSON.stringify(event))),
    ...Object.entries(logs).flatMap(([name, text]) => [`Log of ${name}:`, ...tailOf(text)]),
  ].join('\n')
}

/** The journal says what the ledger says: it is left out. */
function tailOf(log: string): readonly string[] {
  const lines = log.split('\n').filter((line) => line !== '' && !line.startsWith('{"journal"'))
  return lines.slice(-tail).map(clipped)
}

const clipped = (text: string) => `  ${text.length > longest ? `${text.slice(0, longest)}…` : text}`

/** What was tried, in one line. */
export function tallyText(outcomes: readonly Outcome[], wanted: number, tally: Tally, hit: number, ms: number): string {
  const { kills, freezes, links, redisKills, redisRefusals, failovers } = tally
  const ended = Object.entries(Object.groupBy(outcomes, ({ stage }) => stage)).map(([k, v]) => `${v?.length} ${k}`)
  const kinds = Object.entries(links).map(([kind, count]) => `${count} ${kind}`)
  return [
    `Chaos: ${outcomes.length} of ${wanted} runs in ${Math.round(ms / 1_000)} s (${ended.join(', ')})`,
    `${kills} kills and ${freezes} freezes of Slipway`,
    `links: ${kinds.join(', ')} (${hit} connections hit)`,
    `Redis killed ${redisKills} times, refusing to write ${redisRefusals} times, ${failovers} failovers`,
    ...restoredText(outcomes.flatMap(restoredAfter)),
  ].join('; ')
}

/** From the order to take the traffic back until it was, in ms: what a breach or a person ordered, by the ledger. */
function restoredAfter({ events }: Outcome): readonly number[] {
  const ordered = events.find((event) => event.type === 'rollback-ordered')
  const restored = events.find((event) => event.type === 'weights-restored')
  if (ordered?.type !== 'rollback-ordered' || restored?.type !== 'weights-restored') return []
  // Taken back without the ledger it was ordered and done in one, or done before it was on record.
  return ordered.cause === 'break-glass' ? [] : [Math.max(0, restored.restoredAt - ordered.at)]
}

function restoredText(times: readonly number[]): readonly string[] {
  const sorted = times.toSorted((a, b) => a - b)
  const [median, longest] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)]
  if (median === undefined || longest === undefined) return []
  return [`from the order to take the traffic back until it was: ${median} ms in the middle, ${longest} ms at most`]
}

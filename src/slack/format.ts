import type { Actor } from '../rollout/events.ts'
import type { Comparison, Metric, Threshold, Unit } from '../rollout/plan.ts'
import type { State } from '../rollout/state.ts'
import type { Step } from '../rollout/step.ts'

/** Text from people and systems, made harmless for mrkdwn (rule 10): no mention, link or entity survives. */
export function escapeText(text: string): string {
  // Nearly all text has nothing to escape, and a card is made of some fifty pieces.
  return /[&<>]/.test(text) ? text.replace(/[&<>]/g, (character) => entities[character] ?? character) : text
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

const userId = /@([UW][A-Z0-9]{4,})\b/g

const moments = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g

/**
 * Escaped text in which a plain `@U…` becomes a mention again, and a moment the reader's own time: how Slipway's own words name
 * people and times.
 */
export function withMentions(text: string): string {
  return escapeText(text)
    .replace(userId, '<@$1>')
    .replace(moments, (written) => {
      const at = Date.parse(written)
      // Not every moment that somebody writes exists: `2026-11-26T24:30:00Z`.
      return Number.isNaN(at) ? written : timeText(at)
    })
}

/** What mrkdwn says, without its markup: mentions and links by their names, moments in UTC. */
export function plainText(mrkdwn: string): string {
  return mrkdwn
    .replace(/<([^>|]*)\|([^>]*)>/g, '$2')
    .replace(/<([^>]*)>/g, '$1')
    .replace(/&(amp|lt|gt);/g, (entity) => characters[entity] ?? entity)
    .replace(/[*`]/g, '')
}

const characters: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' }

/** A user as Slipway's own words name one; Slack shows the name. */
export function mention(id: string): string {
  return `@${id}`
}

/** Who did something, for mrkdwn. */
export function who(actor: Actor): string {
  return actor.via === 'slack' ? `<@${actor.id}>` : escapeText(actor.name)
}

const grouped = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 2 })

/** A value in its unit, for people: `0.83 %`, `520 ms`, `1,204/s`, `60`. */
export function valueText(unit: Unit, value: number | null): string {
  if (value === null) return 'no number'
  switch (unit) {
    case 'ratio':
      return `${grouped.format(value * 100)} %`
    case 'milliseconds':
      return value >= 10_000 ? `${grouped.format(value / 1_000)} s` : `${Math.round(value)} ms`
    case 'per-second':
      return `${grouped.format(Math.round(value))}/s`
    case 'count':
      return grouped.format(value)
  }
}

const comparisons = { '<': 'below', '<=': 'at most', '>': 'above', '>=': 'at least' } as const

/** A threshold in words: `below 500ms`, `at least 60`. */
export function thresholdText({ op, text }: Threshold): string {
  return `${comparisons[op]} ${text.replace(/^[<>=\s]+/, '')}`
}

/** A value beside stable's, where the two are compared: `310 ms against 300 ms`. */
export function besideText(unit: Unit, value: number | null, stable: number | undefined): string {
  const own = valueText(unit, value)
  return stable === undefined ? own : `${own} against ${valueText(unit, stable)}`
}

/** How far the canary may be from stable: `above stable by more than 10 %`. */
export function toleranceText({ worse, tolerance }: Comparison): string {
  const direction = worse === 'higher' ? 'above' : 'below'
  return `${direction} stable${tolerance === 0 ? '' : ` by more than ${grouped.format(tolerance * 100)} %`}`
}

/** `target below 0.1%, limit above 0.5%`, of what the metric has. */
export function boundsText(metric: Metric): string {
  if (metric.compare !== undefined)
    return `${metric.compare.critical ? 'limit' : 'target not'} ${toleranceText(metric.compare)}`
  const target = metric.target === undefined ? [] : [`target ${thresholdText(metric.target)}`]
  const limit = metric.limit === undefined ? [] : [`limit ${thresholdText(metric.limit)}`]
  return [...target, ...limit].join(', ')
}

/** A duration for people: `20 ms`, `0.4 s`, `12 s`, `30 min`, `1 h 30 min`. */
export function durationText(ms: number): string {
  if (ms < 100) return `${Math.round(ms)} ms`
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1).replace(/\.0$/, '')} s`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  const rest = seconds % 60
  if (minutes < 60) return rest === 0 || minutes >= 10 ? `${minutes} min` : `${minutes} min ${rest} s`
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** A moment in the reader's own time zone. */
export function timeText(at: number): string {
  const fallback = new Date(at).toISOString().slice(11, 19)
  return `<!date^${Math.floor(at / 1_000)}^{time_secs}|${fallback} UTC>`
}

/** `1 pod`, `3 pods`. */
export function podsText(count: number): string {
  return count === 1 ? '1 pod' : `${count} pods`
}

/** What was written, and how long each took: `route 31 ms, mark 12 ms`. */
export function stepsText(steps: readonly Step[]): string {
  return steps.length === 0
    ? 'nothing was left to write'
    : steps.map((s) => `${escapeText(s.name)} ${Math.round(s.ms)} ms`).join(', ')
}

/** `shop 5.1.0`, for mrkdwn. */
export function releaseText({ service, spec }: State): string {
  return `${escapeText(service)} ${escapeText(spec.version)}`
}

import type { Threshold, Unit } from '../rollout/plan.ts'

/** A whole number of `ms`, `s`, `m`, `h` or `d`: `500ms`, `30m`. */
export const durationPattern = /^(\d+)(ms|s|m|h|d)$/
/** A percentage: `0.5%`, `100%`. */
export const ratioPattern = /^(\d+(?:\.\d+)?)%$/
/** A comparison with a value: `< 500ms`, `> 0.5%`, `>= 60`, `>= 1000/s`. */
export const thresholdPattern = /^(<=|>=|<|>) ?(\d+(?:\.\d+)?)(%|ms|s|\/s|)$/

/** From the smallest on. */
const millisecondsOf: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** What a suffix of a threshold measures, and the power of ten from the notation to the unit's base. */
const thresholdUnits: Readonly<Record<string, { readonly unit: Unit; readonly exponent: number }>> = {
  '%': { unit: 'ratio', exponent: -2 },
  ms: { unit: 'milliseconds', exponent: 0 },
  s: { unit: 'milliseconds', exponent: 3 },
  '/s': { unit: 'per-second', exponent: 0 },
  '': { unit: 'count', exponent: 0 },
}

/** A threshold together with the unit that its notation implies. */
export interface MeasuredThreshold extends Threshold {
  readonly unit: Unit
}

/** Moves the decimal point in the text, so that `99.9%` is 0.999 and not the nearest quotient. */
const shifted = (digits: string, exponent: number) => Number(`${digits}e${exponent}`)

/** `30m` in milliseconds; undefined when the text is no duration. */
export function parseDuration(text: string): number | undefined {
  const [, digits, suffix] = durationPattern.exec(text) ?? []
  const factor = suffix === undefined ? undefined : millisecondsOf[suffix]
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor
}

/** A duration in ms in its largest whole unit: 1800000 as `30m`. */
export function durationText(ms: number): string {
  const [suffix, factor] = Object.entries(millisecondsOf).findLast(
    ([, factor]) => ms >= factor && ms % factor === 0,
  ) ?? ['ms', 1]
  return `${ms / factor}${suffix}`
}

/** `0.5%` as 0.005; undefined when the text is no ratio. */
export function parseRatio(text: string): number | undefined {
  const digits = ratioPattern.exec(text)?.[1]
  return digits === undefined ? undefined : shifted(digits, -2)
}

/** A ratio as it is written: 0.005 as `0.5%`. */
export function ratioText(ratio: number): string {
  return `${Number((ratio * 100).toPrecision(12))}%`
}

/** `< 500ms` as operator, value in the unit's base, and unit; undefined when the text is no threshold. */
export function parseThreshold(text: string): MeasuredThreshold | undefined {
  const [, op, digits, suffix] = thresholdPattern.exec(text) ?? []
  const measure = suffix === undefined ? undefined : thresholdUnits[suffix]
  if (digits === undefined || measure === undefined) return undefined
  if (op !== '<' && op !== '<=' && op !== '>' && op !== '>=') return undefined
  return { op, value: shifted(digits, measure.exponent), text, unit: measure.unit }
}

/** Does the value satisfy the target and break the limit at once? Both are of one unit. */
export function overlap(target: Threshold, limit: Threshold): boolean {
  const upwards = (threshold: Threshold) => threshold.op.startsWith('>')
  if (upwards(target) === upwards(limit)) return true
  const [floor, ceiling] = upwards(target) ? [target, limit] : [limit, target]
  const bothInclude = floor.op === '>=' && ceiling.op === '<='
  return bothInclude ? floor.value <= ceiling.value : floor.value < ceiling.value
}

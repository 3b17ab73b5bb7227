import { z } from 'zod'
import {
  durationPattern,
  parseDuration,
  parseRatio,
  parseThreshold,
  ratioPattern,
  thresholdPattern,
} from './notation.ts'

/** Longer timers overflow in JavaScript and fire at once. */
const longest = 14 * 86_400_000

/** Text of a pattern; `expected` completes the sentence `KEY is VALUE, …`. */
export const text = (pattern: RegExp, expected: string) =>
  z.string({ error: expected }).regex(pattern, { error: expected, abort: true })

/** Text that says something. */
export const words = text(/\S/, 'expected some text')

/** Text that `parse` turns into a value: the pattern for editors, the value for Slipway. */
function notation<T>(pattern: RegExp, expected: string, parse: (text: string) => T | undefined) {
  return text(pattern, expected).transform((written, context) => {
    const value = parse(written)
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: expected })
    return z.NEVER
  })
}

const anyDuration = notation(durationPattern, 'expected a duration such as 500ms, 10s, 30m, 1h or 2d', parseDuration)

/** A duration that may be `0s`, at most `max` ms. */
export const durationUpTo = (max: number, shown: string) =>
  anyDuration.refine((ms) => ms <= max, { error: `expected at most ${shown}` })

/** A duration that may be `0s`, in ms. */
export const durationOrNone = durationUpTo(longest, '14d')

/** A duration longer than zero and at most `max`, in ms. */
export const durationWithin = (max: number, shown: string) =>
  durationUpTo(max, shown).refine((ms) => ms > 0, { error: 'expected a duration longer than 0' })

/** A duration longer than zero, in ms. */
export const duration = durationWithin(longest, '14d')

/** The window of a query in ms, or the phase's own length. */
export const queryWindow = notation(
  new RegExp(`^phase$|${durationPattern.source}`),
  'expected a duration such as 60s, or phase (as long as the phase has run)',
  (written) => (written === 'phase' ? ('phase' as const) : parseDuration(written)),
).refine((window) => window === 'phase' || (window > 0 && window <= longest), {
  error: 'expected a duration longer than 0 and at most 14d',
})

/** A share of a whole, 0..1, written `80%`. */
export const share = notation(ratioPattern, 'expected a share such as 80%', parseRatio).refine((ratio) => ratio <= 1, {
  error: 'expected at most 100%',
})

/** The canary's share of the traffic in percent, written `5%`. */
export const weight = notation(/^([1-9]\d?|100)%$/, 'expected a whole percentage from 1% to 100%', (written) =>
  Number(written.slice(0, -1)),
)

/** A comparison with its unit. */
export const threshold = notation(
  thresholdPattern,
  'expected a comparison such as "< 500ms", "> 0.5%", ">= 60" or ">= 1000/s"',
  parseThreshold,
)

/** A number from `min` to `max`, both allowed. */
export function numberBetween(min: number, max: number) {
  const error = `expected a number from ${min} to ${max}`
  return z.number({ error }).min(min, { error }).max(max, { error })
}

/** A whole number from 1 on. */
export const count = z
  .int({ error: 'expected a whole number from 1 on' })
  .min(1, { error: 'expected a whole number from 1 on' })

/** How many readings in a row confirm a limit. Of a rollout 1,000 are kept, and a breach should not wait for a third of them. */
export const readingsInARow = count.max(300, { error: 'expected at most 300: a breach that takes longer is none' })

/** One of a few words. */
export const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: `expected ${values.join(', ').replace(/, ([^,]*)$/, ' or $1')}` })

/** A name that is safe in keys, labels and ids: `claude-enhancer`. */
export const namePattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
export const nameExpected = 'expected a name of a-z, 0-9 and -, at most 63 characters'
export const name = text(namePattern, nameExpected)

/** A role that must sign, written `sre`, or `2 sre` where two people must. */
export const signOffs = notation(
  /^([1-9] )?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
  'expected a role such as sre, or 2 sre where two people must sign',
  (written) => {
    const [role = '', times = '1'] = written.split(' ').toReversed()
    return { role, count: Number(times) }
  },
)

/** Is it an http(s) address without a user or password? Those would show up in logs and links. */
function isPlainUrl(value: string): boolean {
  const url = URL.parse(value)
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
}

const urlExpected = 'expected an address that starts with http:// or https:// and has no user and password'
/** An http(s) address without credentials. */
export const url = text(/^https?:\/\//, urlExpected).refine(isPlainUrl, { error: urlExpected })

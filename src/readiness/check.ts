import { z } from 'zod'
import type { CheckSettings } from '../config/config.ts'
import { oneOf } from '../config/fields.ts'
import { asCheckSchema } from '../unchecked.ts'
import type { Category } from './category.ts'
import type { Subject } from './subject.ts'

/** What a check came to; `warn` where it is no reason to stop whatever is configured. */
export interface Outcome {
  readonly result: 'pass' | 'warn' | 'block'
  /** What was found, in a few words. */
  readonly found: string
  /** How to mend it; none for a pass. */
  readonly mend?: string
  /** What was found one by one, where it is more than a few words. */
  readonly details?: readonly string[]
}

/** Everything that one check is. Its settings are those of the configuration under its name. */
interface Definition<F extends z.ZodRawShape> {
  readonly category: Category
  /** As it is called in the configuration and in the report. */
  readonly name: string
  /** What is true when it passes: `Stable is fully ready`. */
  readonly title: string
  /** What it leads to when it does not pass, and when it could not run, where nothing is configured. Default: `block`. */
  readonly severity?: 'block' | 'warn'
  readonly unknown?: 'block' | 'warn'
  /** Its own numbers, in the notation of the file, each with a default and a description. */
  readonly settings: F
  /** What it looks at, and what it expects there, told also when it could not run. */
  readonly looksAt: (subject: Subject, settings: Settings<F>) => string
  readonly expects: (subject: Subject, settings: Settings<F>) => string
  /** Why there is nothing to check as it is configured; then it is off and the report says so. */
  readonly offBecause?: (settings: Settings<F>, subject: Subject) => string | undefined
  /** Only before a rollout starts: while one is under way it can't hold. */
  readonly startOnly?: true
  /** Throws when it could not run. */
  readonly run: (subject: Subject, settings: Settings<F>) => Promise<Outcome>
}

type Settings<F extends z.ZodRawShape> = z.output<z.ZodObject<F>> & CheckSettings

/** A check in the list of all, whatever its settings. */
export interface Check<S = never> {
  readonly category: Category
  readonly name: string
  readonly title: string
  /** Its settings in the notation of the file. */
  readonly schema: z.ZodType<CheckSettings>
  readonly startOnly: boolean
  readonly looksAt: (subject: Subject, settings: S) => string
  readonly expects: (subject: Subject, settings: S) => string
  readonly offBecause: (settings: S, subject: Subject) => string | undefined
  readonly run: (subject: Subject, settings: S) => Promise<Outcome>
}

/** Makes a check of its definition: one small file each. */
export function defineCheck<const F extends z.ZodRawShape>(definition: Definition<F>): Check<Settings<F>> {
  const { category, name, title, severity = 'block', unknown = 'block', settings, looksAt, expects, run } = definition
  return {
    category,
    name,
    title,
    schema: asCheckSchema(
      z.strictObject({
        severity: oneOf(['block', 'warn', 'off'])
          .prefault(severity)
          .describe('What it leads to when it does not pass; off: it is not checked.'),
        unknown: oneOf(['block', 'warn']).prefault(unknown).describe('What it leads to when it could not be checked.'),
        ...settings,
      }),
    ),
    startOnly: definition.startOnly ?? false,
    looksAt,
    expects,
    offBecause: definition.offBecause ?? (() => undefined),
    run,
  }
}

export const pass = (found: string, details?: readonly string[]): Outcome => ({
  result: 'pass',
  found,
  ...(details && { details }),
})
export const warn = (found: string, mend: string, details?: readonly string[]): Outcome => ({
  ...pass(found, details),
  result: 'warn',
  mend,
})
export const block = (found: string, mend: string, details?: readonly string[]): Outcome => ({
  ...warn(found, mend, details),
  result: 'block',
})

/** So many of something: `1 pod`, `3 pods`; or what they do: `1 answers`, `3 answer`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`
}

/** The first few of a list as words, and how many more there are. */
export function few(list: readonly string[], most = 5): string {
  const rest = list.length - most
  return `${list.slice(0, most).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

import { z } from 'zod'
import { categories } from './category.ts'

/** Version of the report's form: it rises when a reader of the last one would misread the next. */
export const reportVersion = 1

const result = z.enum(['pass', 'warn', 'block'])

const finding = z.strictObject({
  category: z.enum(categories),
  check: z.string().describe('Its name in the configuration.'),
  title: z.string().describe('What is true when it passes.'),
  result,
  ran: z.boolean().describe('False when it could not be checked: then found says why.'),
  looked: z.string().describe('What was looked at.'),
  found: z.string(),
  expected: z.string(),
  mend: z.string().exactOptional().describe('How to mend it; not there when it passes.'),
  details: z.array(z.string()).exactOptional().describe('What was found one by one.'),
  ms: z.number().describe('How long it took.'),
})
/** What one check came to. */
export type Finding = z.infer<typeof finding>

const offCheck = z.strictObject({ check: z.string(), why: z.string() })
/** A check that is off, and why. */
export type OffCheck = z.infer<typeof offCheck>

const judgements = ['ready', 'ready-with-warnings', 'not-ready'] as const

/** A readiness report, as it is kept and given to machines. Times in ms since 1970. */
export const reportSchema = z.strictObject({
  reportVersion: z.literal(reportVersion),
  id: z.string(),
  service: z.string(),
  version: z.string().describe('The version that is to be released.'),
  image: z.string(),
  configuration: z
    .string()
    .exactOptional()
    .describe(
      'Hash of the configuration that was checked: a start needs a report of the present one. Not there where an earlier Slipway made the report.',
    ),
  at: z.number().describe('When it was finished, in ms since 1970.'),
  validUntil: z.number().describe('A start is possible until then, in ms since 1970.'),
  judgement: z.enum(judgements),
  rules: z.array(z.string()).describe('How the judgement follows from the results.'),
  categories: z.array(z.enum(categories)).describe('Those that were checked; a start needs all of them.'),
  findings: z.array(finding),
  off: z.array(offCheck).describe('Checks that are off, and why.'),
  ms: z.number().describe('How long all of it took.'),
})
export type ReadinessReport = z.infer<typeof reportSchema>

/** The JSON Schema of a report, as the text of docs/schema/readiness-report.schema.json. */
export function reportSchemaText(): string {
  return `${JSON.stringify({ title: 'Slipway: readiness report', ...z.toJSONSchema(reportSchema) }, null, 2)}\n`
}

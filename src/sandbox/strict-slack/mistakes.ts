import type { z } from 'zod'

/** What is wrong with a value, in Slack's words and with a pointer to it; empty when nothing is. `at` is where the value stands. */
export function mistakesIn(schema: z.ZodType, value: unknown, at: string): readonly string[] {
  const parsed = schema.safeParse(value, { reportInput: true })
  return parsed.success ? [] : parsed.error.issues.flatMap((issue) => mistakesOf(issue, at))
}

function mistakesOf(issue: z.core.$ZodIssue, at: string): readonly string[] {
  const pointer = (path: readonly PropertyKey[]) => `[json-pointer:${[at, ...path.map(String)].join('/')}]`
  const { path } = issue
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `invalid additional property: ${key} ${pointer(path)}`)
  if (issue.code === 'invalid_union')
    return [`unsupported type: ${typeOf(issue.input)} ${pointer(path.at(-1) === 'type' ? path : [...path, 'type'])}`]
  if (issue.code === 'invalid_value' && path.at(-1) === 'type')
    return [`unsupported type: ${String(issue.input)} ${pointer(path)}`]
  if (issue.code === 'invalid_type' && issue.input === undefined)
    return [`missing required field: ${String(path.at(-1))} ${pointer(path.slice(0, -1))}`]
  if (issue.code === 'invalid_type') return [`must provide ${issue.expected} ${pointer(path)}`]
  return [`${issue.message} ${pointer(path)}`]
}

function typeOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'type' in value ? String(value.type) : typeof value
}

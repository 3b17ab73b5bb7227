import { z } from 'zod'
import { isMap, type Mistake, type Path, pathText, valueAt } from './mistake.ts'
import { expectedOf } from './nearest.ts'
import { configSchema } from './schema.ts'

type Issue = z.core.$ZodIssue

const kinds: Readonly<Record<string, string>> = {
  object: 'expected a map',
  record: 'expected a map',
  array: 'expected a list',
  boolean: 'expected true or false',
}

/** Words for what a schema has no words of its own for. */
const words: z.core.$ZodErrorMap = (issue) =>
  issue.code === 'invalid_type' ? (kinds[issue.expected] ?? `expected ${issue.expected}`) : undefined

/** A value as a mistake shows it: short, and nothing that looks like a credential. */
function shown(value: unknown): string {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (isMap(value)) return 'a map'
  if (typeof value !== 'string') return String(value)
  if (/^xox|^xapp|@/.test(value)) return '[hidden]'
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
}

/** Which keys the schema knows at a path, from its JSON Schema; a list's items share one. */
function knownKeys(path: Path): readonly string[] {
  let nodes: readonly unknown[] = [z.toJSONSchema(configSchema, { io: 'input' })]
  for (const part of path) {
    nodes = nodes.flatMap((node) => {
      const child = typeof part === 'number' ? valueAt(node, ['items']) : valueAt(node, ['properties', part])
      const other = child ?? valueAt(node, ['additionalProperties'])
      const branches = valueAt(other, ['anyOf'])
      return Array.isArray(branches) ? branches : [other]
    })
  }
  return nodes.flatMap((node) => {
    const properties = valueAt(node, ['properties'])
    return isMap(properties) ? Object.keys(properties) : []
  })
}

function unknownKey(path: Path, key: string): Mistake {
  const full = pathText([...path, key])
  const text = `${full} is not known, expected a known key; ${expectedOf(key, knownKeys(path))}`
  return { path: [...path, key], at: 'key', text }
}

/** Of several shapes, the issues of the one that was meant: a map for a map, a word for a word. */
function issuesOfMeant(issue: z.core.$ZodIssueInvalidUnion): readonly Issue[] {
  const wholeFits = (issues: readonly Issue[]) =>
    issues.every((one) => one.path.length > 0 || one.code === 'unrecognized_keys')
  return issue.errors.find(wholeFits) ?? issue.errors[0] ?? []
}

function fromIssue(issue: Issue, root: unknown, base: Path): readonly Mistake[] {
  const path: Path = [...base, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))]
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key))
  if (issue.code === 'invalid_union') return issuesOfMeant(issue).flatMap((one) => fromIssue(one, root, path))
  const value = valueAt(root, path)
  const what = path.length === 0 ? 'the file' : pathText(path)
  const found = value === undefined ? 'is missing' : `is ${shown(value)}`
  return [{ path, at: 'value', text: `${what} ${found}, ${issue.message}` }]
}

/** The configuration, or everything the schema has against it. */
export function checkSchema(root: unknown) {
  const result = configSchema.safeParse(root, { error: words })
  return result.success
    ? { config: result.data, mistakes: [] }
    : { mistakes: result.error.issues.flatMap((issue) => fromIssue(issue, root, [])) }
}

import { badRequest } from './api-status.ts'
import { isJsonObject, type Json, type JsonObject } from './json.ts'
import { metadataOf } from './metadata.ts'
import type { Resource } from './resources.ts'

/** Which objects of a list somebody wants to see. */
export type Selection = (object: JsonObject) => boolean

type Labels = Readonly<Record<string, string>>

/** Reads a label selector: `a`, `!a`, `a=b`, `a!=b`, `a in (b, c)`, `a notin (b, c)`, with commas between. */
export function labelSelection(selector: string): Selection {
  const requirements = selector
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(requirement)
  return (object) => requirements.every((holds) => holds(metadataOf(object).labels))
}

function requirement(part: string): (labels: Labels) => boolean {
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(part)
  if (set) {
    const [, key = '', operator, list = ''] = set
    const values = list.split(',').map((value) => value.trim())
    return (labels) => (key in labels && values.includes(labels[key] ?? '')) === (operator === 'in')
  }
  const equal = /^([^!=\s]+)\s*(!=|==?)\s*([^=\s]*)$/.exec(part)
  if (equal) {
    const [, key = '', operator, value] = equal
    return (labels) => (labels[key] === value) === (operator !== '!=')
  }
  const exists = /^(!?)([^!=\s()]+)$/.exec(part)
  if (!exists) throw badRequest(`unable to parse requirement: ${part}`)
  const [, not, key = ''] = exists
  return (labels) => key in labels === (not === '')
}

/** Reads a field selector, `metadata.name=web,status.phase!=Running`, of the fields that the kind offers. */
export function fieldSelection(selector: string, { selectable = [], namespaced }: Resource): Selection {
  const offered = ['metadata.name', ...(namespaced ? ['metadata.namespace'] : []), ...selectable]
  const terms = selector
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const [, field = '', operator, value = ''] = /^([^!=]+)(!=|==?)(.*)$/.exec(part) ?? []
      if (operator === undefined) throw badRequest(`invalid selector: '${part}'; can't understand '${part}'`)
      if (!offered.includes(field)) throw badRequest(`field label not supported: ${field}`)
      return { steps: field.split('.'), value, wanted: operator !== '!=' }
    })
  return (object) => terms.every(({ steps, value, wanted }) => (textAt(object, steps) === value) === wanted)
}

function textAt(object: JsonObject, steps: readonly string[]): string {
  const found = steps.reduce<Json | undefined>((at, step) => (isJsonObject(at) ? at[step] : undefined), object)
  return found === undefined || found === null ? '' : String(found)
}

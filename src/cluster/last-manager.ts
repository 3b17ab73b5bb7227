/** One entry of an object's managedFields, as far as it is read. */
export interface ManagedFields {
  readonly manager?: string | undefined
  /** ISO 8601 in UTC, or parsed. */
  readonly time?: string | Date | undefined
  readonly fieldsV1?: object | undefined
}

/**
 * Who wrote one field of the spec (`http`, `replicas`, `template`) last, as the API server keeps it in managedFields; else
 * the last writer of anything in the spec.
 */
export function lastManager(entries: readonly ManagedFields[] | undefined, field: string): string | undefined {
  const ofSpec = (entries ?? []).filter((entry) => specOf(entry) !== undefined)
  const ofField = ofSpec.filter((entry) => member(specOf(entry), `f:${field}`) !== undefined)
  const candidates = ofField.length > 0 ? ofField : ofSpec
  // Of equals the later entry wins.
  const latest = candidates.reduce<ManagedFields | undefined>(
    (best, entry) => (best && timeOf(best) > timeOf(entry) ? best : entry),
    undefined,
  )
  return latest?.manager
}

/**
 * Who wrote a container's image last. Where the API server keeps fields to the leaf, the image's one owner wrote it: times are
 * in seconds, too coarse to tell two writers apart.
 */
export function imageManager(entries: readonly ManagedFields[] | undefined): string | undefined {
  const owners = (entries ?? []).filter((entry) => JSON.stringify(specOf(entry) ?? null).includes('"f:image":'))
  return lastManager(owners.length > 0 ? owners : entries, 'template')
}

const specOf = ({ fieldsV1 }: ManagedFields): unknown => member(fieldsV1, 'f:spec')

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, key)?.value : undefined
}

function timeOf({ time }: ManagedFields): number {
  return time === undefined ? 0 : new Date(time).getTime()
}

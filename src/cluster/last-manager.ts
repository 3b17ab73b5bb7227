import type { VirtualService } from './virtual-service.ts'

/** Who wrote the HTTP routes last, as the API server keeps it in managedFields; else the last writer of anything in the spec. */
export function lastManager(virtualService: VirtualService): string | undefined {
  const entries = virtualService.metadata.managedFields ?? []
  const specOf = (entry: (typeof entries)[number]) => entry.fieldsV1?.['f:spec']
  const ofRoutes = entries.filter((entry) => hasKey(specOf(entry), 'f:http'))
  const ofSpec = entries.filter((entry) => specOf(entry) !== undefined)
  const candidates = ofRoutes.length > 0 ? ofRoutes : ofSpec
  // ISO 8601 in UTC sorts as text; of equals the later entry wins.
  const latest = candidates.reduce<(typeof entries)[number] | undefined>(
    (best, entry) => (best && (best.time ?? '') > (entry.time ?? '') ? best : entry),
    undefined,
  )
  return latest?.manager
}

function hasKey(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
}

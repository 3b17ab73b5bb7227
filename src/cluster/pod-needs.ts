import type { V1PodSpec } from '@kubernetes/client-node'
import { quantity } from './quantity.ts'

/** Amounts by resource: `cpu` in cores, `memory` in bytes. */
export type Amounts = Readonly<Record<string, number>>

/** What one pod asks for. */
export interface PodNeeds {
  readonly requests: Amounts
  readonly limits: Amounts
}

/** Adds amounts in Kubernetes' notation up. */
export function sumOf(list: readonly (Readonly<Record<string, string>> | undefined)[]): Amounts {
  const sum: Record<string, number> = {}
  for (const amounts of list)
    for (const [resource, text] of Object.entries(amounts ?? {})) sum[resource] = (sum[resource] ?? 0) + quantity(text)
  return sum
}

/** What a pod of this specification asks for, all its containers together. */
export function needsOf(spec: V1PodSpec | undefined): PodNeeds {
  const containers = spec?.containers ?? []
  return {
    requests: sumOf(containers.map((c) => c.resources?.requests)),
    limits: sumOf(containers.map((c) => c.resources?.limits)),
  }
}

import type { PodNeeds } from './pod-needs.ts'
import { quantity } from './quantity.ts'

/** What is read of a ResourceQuota. */
export interface Quota {
  readonly name: string
  /** Is it for some pods only, by scope? */
  readonly scoped: boolean
  readonly hard: Readonly<Record<string, string>>
  readonly used: Readonly<Record<string, string>>
}

/** What one more pod takes of a quota's resource; undefined for what pods don't take. */
function takenBy(resource: string, needs: PodNeeds): number | undefined {
  if (resource === 'pods' || resource === 'count/pods') return 1
  // The name may have dots itself: `requests.nvidia.com/gpu`.
  if (resource.startsWith('limits.')) return needs.limits[resource.slice('limits.'.length)] ?? 0
  if (resource.startsWith('requests.')) return needs.requests[resource.slice('requests.'.length)] ?? 0
  return /^(cpu|memory|ephemeral-storage|hugepages-.+)$/.test(resource) ? (needs.requests[resource] ?? 0) : undefined
}

/** Where these quotas leave no room for so many more pods, in words; those with scopes are left out. */
export function shortfalls(quotas: readonly Quota[], needs: PodNeeds, pods: number): readonly string[] {
  return quotas.flatMap(({ name, scoped, hard, used }) =>
    Object.entries(scoped ? {} : hard).flatMap(([resource, most]) => {
      const wanted = (takenBy(resource, needs) ?? 0) * pods
      // More may be used than there is of what these pods take nothing of.
      if (wanted === 0) return []
      const taken = used[resource] ?? '0'
      const left = quantity(most) - quantity(taken)
      // Tenths of a core don't add up exactly: three of them are more than 0.3.
      return left + 1e-9 >= wanted ? [] : [`${name}: ${taken} of ${most} ${resource} used`]
    }),
  )
}

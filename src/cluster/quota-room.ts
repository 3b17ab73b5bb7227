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
  const [of, name] = resource.split('.', 2)
  if (of === 'limits' && name !== undefined) return needs.limits[name] ?? 0
  if (of === 'requests' && name !== undefined) return needs.requests[name] ?? 0
  return resource === 'cpu' || resource === 'memory' ? (needs.requests[resource] ?? 0) : undefined
}

/** Where these quotas leave no room for so many more pods, in words; those with scopes are left out. */
export function shortfalls(quotas: readonly Quota[], needs: PodNeeds, pods: number): readonly string[] {
  return quotas.flatMap(({ name, scoped, hard, used }) =>
    Object.entries(scoped ? {} : hard).flatMap(([resource, most]) => {
      const each = takenBy(resource, needs)
      if (each === undefined) return []
      const taken = used[resource] ?? '0'
      const left = quantity(most) - quantity(taken)
      // Tenths of a core don't add up exactly: three of them are more than 0.3.
      return left + 1e-9 >= each * pods ? [] : [`${name}: ${taken} of ${most} ${resource} used`]
    }),
  )
}

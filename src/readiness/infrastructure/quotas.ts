import { resourceQuotas } from '../../cluster/kinds.ts'
import { quantity } from '../../cluster/quantity.ts'
import { block, defineCheck, few, pass } from '../check.ts'
import { canaryNeeds } from '../room.ts'

/** What one more pod takes of a quota's resource; undefined for what pods don't take. */
function takenBy(resource: string, needs: Awaited<ReturnType<typeof canaryNeeds>>): number | undefined {
  if (resource === 'pods' || resource === 'count/pods') return 1
  const [of, name] = resource.split('.', 2)
  if (of === 'limits' && name !== undefined) return needs.limits[name] ?? 0
  if (of === 'requests' && name !== undefined) return needs.requests[name] ?? 0
  return resource === 'cpu' || resource === 'memory' ? (needs.requests[resource] ?? 0) : undefined
}

/** The namespace's quotas leave room for the canary at full size. */
export const quotas = defineCheck({
  category: 'infrastructure',
  name: 'quotas',
  title: 'The quotas leave room for the canary at full size',
  settings: {},
  startOnly: true,
  looksAt: ({ config }) => `the ResourceQuotas of ${config.cluster.namespace}, but those with scopes`,
  expects: () => 'room for as many pods as stable has, with their requests and limits',
  async run(subject) {
    const [needs, all] = await Promise.all([canaryNeeds(subject), subject.cluster.list(resourceQuotas, 'namespace')])
    const whole = all.filter(({ spec }) => spec.scopes === undefined && spec.scopeSelector === undefined)
    const short = whole.flatMap(({ metadata, status }) =>
      Object.entries(status?.hard ?? {}).flatMap(([resource, hard]) => {
        const each = takenBy(resource, needs)
        if (each === undefined) return []
        const used = status?.used?.[resource] ?? '0'
        const left = quantity(hard) - quantity(used)
        return left >= each * needs.pods ? [] : [`${metadata.name}: ${used} of ${hard} ${resource} used`]
      }),
    )
    if (short.length > 0) return block(few(short), `Raise the quota: ${needs.pods} more pods are to come.`, short)
    return pass(whole.length === 0 ? 'no quota limits it' : `${whole.length} quotas leave room`)
  },
})

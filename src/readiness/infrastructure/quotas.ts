import { resourceQuotas } from '../../cluster/kinds.ts'
import { type Quota, shortfalls } from '../../cluster/quota-room.ts'
import { block, counted, defineCheck, few, pass } from '../check.ts'
import { canaryNeeds, countedAs } from '../room.ts'

/** The namespace's quotas leave room for the canary at full size. */
export const quotas = defineCheck({
  category: 'infrastructure',
  name: 'quotas',
  title: 'The quotas leave room for the canary at full size',
  settings: {},
  startOnly: true,
  looksAt: ({ config }) => `the ResourceQuotas of ${config.cluster.namespace}, but those with scopes; ${countedAs}`,
  expects: () => 'room for as many pods as stable has, with their requests and limits',
  async run(subject) {
    const [needs, all] = await Promise.all([canaryNeeds(subject), subject.cluster.list(resourceQuotas, 'namespace')])
    const whole = all.map(
      ({ metadata: { name }, spec, status }): Quota => ({
        name,
        scoped: spec.scopes !== undefined || spec.scopeSelector !== undefined,
        hard: status?.hard ?? {},
        used: status?.used ?? {},
      }),
    )
    const short = shortfalls(whole, needs, needs.pods)
    if (short.length > 0)
      return block(
        few(short),
        `Raise the quota: ${counted(needs.pods, 'more pod is', 'more pods are')} to come.`,
        short,
      )
    const limiting = whole.filter(({ scoped }) => !scoped).length
    return pass(limiting === 0 ? 'no quota limits it' : counted(limiting, 'quota leaves room', 'quotas leave room'))
  },
})

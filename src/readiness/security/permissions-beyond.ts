import { neededAccess, readinessReads, roleFiles } from '../../cluster/own-access.ts'
import type { Config } from '../../config/config.ts'
import { block, defineCheck, few, pass } from '../check.ts'
import type { AccessRule } from '../snapshot.ts'

/** Reviews are everybody's right, and change nothing. */
const everybodys = ['authorization.k8s.io', 'authentication.k8s.io']

/** What a rule allows beyond what Slipway does; empty when it is within. */
function beyond(rule: AccessRule, config: Config): readonly string[] {
  if (rule.groups.every((group) => everybodys.includes(group))) return []
  const { cluster, mode } = config
  // The shipped Role names the route of either kind.
  const needed = (['virtual-service', 'http-route'] as const).flatMap((kind) =>
    neededAccess({ mode, cluster: { ...cluster, traffic: { ...cluster.traffic, kind } } }),
  )
  return rule.verbs.flatMap((verb) =>
    rule.groups.flatMap((group) =>
      rule.resources.flatMap((resource) => {
        const names = rule.names.length === 0 ? [undefined] : rule.names
        return names.flatMap((name) => {
          const does = needed.some(
            (n) => n.verb === verb && n.group === group && n.resource === resource && n.name === name,
          )
          const lists = verb === 'list' && readinessReads.some((r) => r.group === group && r.resource === resource)
          // Granted by name: Services behind the route; ConfigMaps and Secrets, to see that they exist.
          const looks =
            verb === 'get' &&
            group === '' &&
            ['services', 'configmaps', 'secrets'].includes(resource) &&
            name !== undefined
          // The autoscalers that size the tracks, whatever they are called.
          const scales = verb === 'patch' && resource === 'horizontalpodautoscalers' && name !== undefined
          return does || lists || looks || scales ? [] : [`${verb} ${resource}${name === undefined ? '' : `/${name}`}`]
        })
      }),
    ),
  )
}

/** Slipway is told what it may do beyond its work. */
export const permissionsBeyond = defineCheck({
  category: 'security',
  name: 'permissions-beyond',
  title: 'Slipway may do nothing beyond its work',
  severity: 'warn',
  unknown: 'warn',
  settings: {},
  looksAt: ({ config }) => `a SelfSubjectRulesReview in ${config.cluster.namespace}`,
  expects: ({ config }) => `nothing beyond ${roleFiles(config)}`,
  async run({ cluster, config }) {
    const { rules, incomplete } = await cluster.rules()
    const more = [...new Set(rules.flatMap((rule) => beyond(rule, config)))]
    if (more.length === 0)
      return pass(
        `nothing${incomplete ? ' among the rules that this cluster lists; one of its authorizers lists none' : ''}`,
      )
    return block(
      `may also: ${few(more)}`,
      `Take it away, if nobody knows what for: compare ${roleFiles(config)}.`,
      more,
    )
  },
})

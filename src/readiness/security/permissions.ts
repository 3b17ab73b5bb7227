import { autoscalers } from '../../cluster/kinds.ts'
import { neededAccess, roleFiles } from '../../cluster/own-access.ts'
import { SlipwayError } from '../../errors.ts'
import { block, defineCheck, few, pass } from '../check.ts'
import type { Access } from '../snapshot.ts'
import type { Subject } from '../subject.ts'

const accessText = ({ verb, resource, name }: Access) => `${verb} ${resource}${name ? `/${name}` : ''}`

/** Autoscalers are found by what they size: their minimum is held while a rollout is on. */
async function accessToAutoscalers({ cluster, config }: Subject): Promise<readonly Access[]> {
  if (config.mode === 'observe') return []
  const { blue, green } = config.cluster.tracks
  const of = { group: 'autoscaling', resource: 'horizontalpodautoscalers', where: 'namespace' } as const
  try {
    const found = await cluster.list(autoscalers, 'namespace')
    return found.flatMap(({ metadata: { name }, spec: { scaleTargetRef } }) =>
      scaleTargetRef.kind === 'Deployment' && [blue.deployment, green.deployment].includes(scaleTargetRef.name)
        ? [{ ...of, verb: 'patch', name }]
        : [],
    )
  } catch (error) {
    if (error instanceof SlipwayError && error.code === 'cluster-not-found') return []
    if (error instanceof SlipwayError && error.code === 'cluster-forbidden') return [{ ...of, verb: 'list' }]
    throw error
  }
}

/** Slipway may do all that a rollout takes, a rollback above all. */
export const permissions = defineCheck({
  category: 'security',
  name: 'permissions',
  title: 'Slipway may do what it must',
  settings: {},
  looksAt: () => 'a SelfSubjectAccessReview for every verb that a rollout uses, also on the autoscalers of the tracks',
  expects: ({ config }) => neededAccess(config).map(accessText).join(', '),
  async run(subject) {
    const { cluster, config } = subject
    const needed = [...neededAccess(config), ...(await accessToAutoscalers(subject))]
    const asked = await Promise.all(needed.map(async (access) => ({ access, may: await cluster.may(access) })))
    const missing = asked.filter(({ may }) => !may).map(({ access }) => accessText(access))
    if (missing.length === 0) return pass(`all ${needed.length}`)
    return block(`may not: ${few(missing)}`, `Grant it as in ${roleFiles(config)}.`, missing)
  },
})

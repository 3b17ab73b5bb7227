import type { V1Deployment } from '@kubernetes/client-node'
import { gitOpsManagers } from '../../cluster/git-ops.ts'
import { manager as slipway } from '../../cluster/names.ts'
import { block, defineCheck, few, pass } from '../check.ts'

/** Controllers that put back what stands in a repository, by the labels and annotations that they leave; `git-ops` knows Argo CD and Flux. */
const signs: readonly (readonly [key: RegExp, name: string])[] = [[/^fleet\.cattle\.io\//, 'Fleet']]

/** Who else writes, or would put back, what Slipway writes on a Deployment. */
function othersOf({ metadata, spec }: V1Deployment): readonly string[] {
  const name = metadata?.name ?? ''
  const keys = Object.keys({ ...metadata?.labels, ...metadata?.annotations })
  const bySign = signs.flatMap(([key, tool]) => (keys.some((k) => key.test(k)) ? [`${tool} manages ${name}`] : []))
  const owners = (metadata?.ownerReferences ?? []).map((owner) => `${owner.kind} ${owner.name} owns ${name}`)
  // Whoever applies a field on the server's side holds it, and sets it again at every sync.
  const applied = (metadata?.managedFields ?? []).flatMap(({ manager = '', operation, fieldsV1 }) => {
    if (operation !== 'Apply' || manager === slipway || gitOpsManagers.includes(manager)) return []
    const fields = JSON.stringify(fieldsV1 ?? {})
    const held = [
      ...(fields.includes('"f:replicas"') ? ['its size'] : []),
      ...(fields.includes('"f:image"') ? ['its image'] : []),
    ]
    return held.length === 0 ? [] : [`${manager} applies ${held.join(' and ')} of ${name}`]
  })
  const paused = spec?.paused === true ? [`${name} is paused: no change of it is carried out`] : []
  return [...bySign, ...owners, ...applied, ...paused]
}

/** Nobody else manages what Slipway will write: image and size of both Deployments. An autoscaler may: its minimum is pinned. */
export const soleWriter = defineCheck({
  category: 'configuration',
  name: 'sole-writer',
  title: 'Nobody else manages image and size',
  severity: 'warn',
  unknown: 'warn',
  settings: {},
  looksAt: () => 'labels, annotations, owners and field managers of both Deployments',
  expects: () => 'no other controller sets them again',
  async run(subject) {
    const deployments = await Promise.all([subject.cluster.deployment('blue'), subject.cluster.deployment('green')])
    const others = deployments.flatMap(othersOf)
    if (others.length === 0) return pass('nobody')
    const mend = 'Have it leave image and size of both Deployments alone, or it undoes the release.'
    return block(few(others, 3), mend, others)
  },
})

import { nodes } from '../../cluster/kinds.ts'
import { numberBetween } from '../../config/fields.ts'
import { block, defineCheck, few, pass } from '../check.ts'

/** Enough nodes are ready. To list nodes takes a ClusterRole, which is optional. */
export const nodesReady = defineCheck({
  category: 'infrastructure',
  name: 'nodes-ready',
  title: 'Nodes are ready',
  unknown: 'warn',
  settings: {
    mayBeOut: numberBetween(0, 1_000).prefault(0).describe('So many nodes may be not ready, or closed for new pods.'),
  },
  looksAt: () => 'every node of the cluster',
  expects: (_, { mayBeOut }) => `at most ${mayBeOut} not ready or closed, and at least one that is neither`,
  async run({ cluster }, { mayBeOut }) {
    const all = await cluster.list(nodes, 'cluster')
    const out = all.flatMap(({ metadata, spec, status }) => {
      const ready = status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false
      if (!ready) return [`${metadata.name} is not ready`]
      return spec.unschedulable === true ? [`${metadata.name} takes no new pods`] : []
    })
    const found = `${all.length - out.length} of ${all.length} nodes are ready`
    if (out.length <= mayBeOut && out.length < all.length) return pass(found)
    return block(`${found}: ${few(out)}`, 'Mend or replace the nodes, or wait until their maintenance is over.', out)
  },
})

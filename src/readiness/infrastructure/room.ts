import { nodes, pods } from '../../cluster/kinds.ts'
import { type Amounts, needsOf, sumOf } from '../../cluster/pod-needs.ts'
import { quantity } from '../../cluster/quantity.ts'
import { block, counted, defineCheck, pass, warn } from '../check.ts'
import { canaryNeeds, countedAs } from '../room.ts'

/** How many pods with these requests fit into what is free. */
function fitting(free: Amounts, requests: Amounts): number {
  // A pod that asks for 0 of something fits where there is none of it.
  const each = Object.entries({ ...requests, pods: 1 }).filter(([, asked]) => asked !== 0)
  return Math.max(0, Math.min(...each.map(([resource, asked]) => Math.floor((free[resource] ?? 0) / asked + 1e-9))))
}

/** The nodes have room for the canary at full size beside everything else. Like the scheduler it counts requests. */
export const room = defineCheck({
  category: 'infrastructure',
  name: 'room',
  title: 'The nodes have room for the canary at full size',
  unknown: 'warn',
  settings: {},
  startOnly: true,
  looksAt: () =>
    `requests of all pods against what the nodes can give; ${countedAs}; tainted nodes and pods' own wishes for nodes are left out`,
  expects: () => 'room for as many pods as stable has',
  async run(subject) {
    const { cluster } = subject
    const [need, allNodes, allPods] = await Promise.all([
      canaryNeeds(subject),
      cluster.list(nodes, 'cluster'),
      cluster.list(pods, 'cluster'),
    ])
    const { requests, pods: wanted, deployment } = need
    if (Object.values(requests).every((asked) => asked === 0))
      return warn(`the pods of ${deployment} ask for nothing`, 'Give them requests, or their room is left to chance.')
    const there = allPods.filter(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed')
    const open = allNodes.filter(
      ({ spec, status }) =>
        spec.unschedulable !== true &&
        !spec.taints?.some(({ effect }) => effect !== 'PreferNoSchedule') &&
        status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True'),
    )
    const places = open.map(({ metadata, status }) => {
      const on = there.filter(({ spec }) => spec.nodeName === metadata.name)
      const used = sumOf(on.map(({ spec }) => needsOf(spec).requests))
      const free = Object.fromEntries(
        Object.entries(status.allocatable ?? {}).map(([resource, text]) => {
          const taken = resource === 'pods' ? on.length : (used[resource] ?? 0)
          return [resource, quantity(text) - taken]
        }),
      )
      return fitting(free, requests)
    })
    const fit = places.reduce((sum, count) => sum + count, 0)
    const found = `room for ${counted(fit, 'more pod')} of ${deployment} on ${counted(open.length, 'node')}, ${wanted} wanted`
    if (fit >= wanted) return pass(found)
    return block(found, 'Add nodes, or free room: the canary would stay Pending in a later phase.')
  },
})

import type { V1PodSpec } from '@kubernetes/client-node'
import { quantity } from '../cluster/quantity.ts'
import type { Subject } from './subject.ts'
import { stableOf } from './tracks.ts'

/** Amounts by resource: `cpu` in cores, `memory` in bytes. */
export type Amounts = Readonly<Record<string, number>>

/** Adds amounts in Kubernetes' notation up. */
export function sumOf(list: readonly (Readonly<Record<string, string>> | undefined)[]): Amounts {
  const sum: Record<string, number> = {}
  for (const amounts of list)
    for (const [resource, text] of Object.entries(amounts ?? {})) sum[resource] = (sum[resource] ?? 0) + quantity(text)
  return sum
}

/** How many pods the canary has at full size beyond those it has now, and what each of them asks for. */
export async function canaryNeeds({ cluster, config }: Subject) {
  const view = await cluster.view()
  const stable = stableOf(view)
  const canary = view.tracks[stable.track === 'blue' ? 'green' : 'blue']
  const spec = (await cluster.deployment(canary.track)).spec?.template.spec
  const pods = Math.max(0, Math.max(stable.replicas, 1) - canary.pods)
  return { pods, deployment: config.cluster.tracks[canary.track].deployment, ...askedBy(spec) }
}

function askedBy(spec: V1PodSpec | undefined): { readonly requests: Amounts; readonly limits: Amounts } {
  const containers = spec?.containers ?? []
  return {
    requests: sumOf(containers.map((c) => c.resources?.requests)),
    limits: sumOf(containers.map((c) => c.resources?.limits)),
  }
}

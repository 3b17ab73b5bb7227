import type { V1Pod } from '@kubernetes/client-node'
import { hasLabels, isThere } from '../cluster/pods.ts'
import type { Snapshot } from './snapshot.ts'
import { stableOf } from './tracks.ts'

/** The pods of the Deployment that has the traffic, those that are leaving left out. */
export async function stablePods(cluster: Snapshot): Promise<readonly V1Pod[]> {
  const { track } = stableOf(await cluster.view())
  const labels = (await cluster.deployment(track)).spec?.selector.matchLabels ?? {}
  const pods = await cluster.pods()
  return pods.filter((p) => hasLabels(p, labels) && isThere(p) && p.metadata?.deletionTimestamp === undefined)
}

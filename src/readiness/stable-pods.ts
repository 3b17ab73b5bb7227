import type { V1Pod } from '@kubernetes/client-node'
import { staying } from '../cluster/pods.ts'
import type { Snapshot } from './snapshot.ts'
import { stableOf } from './tracks.ts'

/** The pods of the Deployment that has the traffic, those that are leaving left out. */
export async function stablePods(cluster: Snapshot): Promise<readonly V1Pod[]> {
  const { track } = stableOf(await cluster.view())
  const labels = (await cluster.deployment(track)).spec?.selector.matchLabels ?? {}
  return staying(await cluster.pods(), labels)
}

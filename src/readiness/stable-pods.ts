import type { V1Pod } from '@kubernetes/client-node'
import { staying } from '../cluster/pods.ts'
import type { Subject } from './subject.ts'
import { stableOf } from './tracks.ts'

/** The pods of stable's Deployment, those that are leaving left out. */
export async function stablePods(subject: Pick<Subject, 'cluster' | 'stable'>): Promise<readonly V1Pod[]> {
  const { cluster } = subject
  const { track } = await stableOf(subject)
  const labels = (await cluster.deployment(track)).spec?.selector.matchLabels ?? {}
  return staying(await cluster.pods(), labels)
}

import { needsOfOneMore } from '../cluster/pod-needs.ts'
import { stablePods } from './stable-pods.ts'
import type { Subject } from './subject.ts'
import { stableOf } from './tracks.ts'

/** How one of the canary's pods is counted, in words. */
export const countedAs =
  "a pod counts as the greater of the Deployment's template and stable's pods as they run, injected and init containers included"

/** How many pods the canary has at full size beyond those it has now, and what each of them asks for. */
export async function canaryNeeds(subject: Subject) {
  const { cluster, config } = subject
  const stable = await stableOf(subject)
  const canary = (await cluster.view()).tracks[stable.track === 'blue' ? 'green' : 'blue']
  const spec = (await cluster.deployment(canary.track)).spec?.template.spec
  const pods = Math.max(0, Math.max(stable.replicas, 1) - canary.pods)
  return {
    pods,
    deployment: config.cluster.tracks[canary.track].deployment,
    ...needsOfOneMore(spec, await stablePods(subject)),
  }
}

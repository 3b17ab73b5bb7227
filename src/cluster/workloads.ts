import type { ClusterConfig } from '../config/config.ts'
import { SlipwayError } from '../errors.ts'
import type { Clock, Fence } from '../jobs/ports.ts'
import type { Track } from '../rollout/plan.ts'
import type { Client } from './client.ts'
import type { Deployment } from './deployment.ts'
import { refuseOlder } from './fence.ts'
import { trackReader } from './reader.ts'
import { type SizeChange, sizePatch } from './size-patch.ts'

/** The two Deployments. */
export interface Workloads {
  read(track: Track): Promise<Deployment>
  /** See `Cluster.size`. */
  size(track: Track, change: SizeChange, fence: Fence): Promise<void>
}

/** How often a write is decided anew. The controller writes the status all the time while pods come and go. */
const attempts = 10

/** Grows with every conflict, in ms. */
const pause = 15

export function createWorkloads(client: Client, config: ClusterConfig, clock: Clock): Workloads {
  const { container } = config
  const read = trackReader(client, config)

  return {
    read,
    async size(track, change, fence) {
      for (let attempt = 1; ; attempt += 1) {
        const deployment = await read(track)
        refuseOlder(deployment.what, fence, deployment.fence)
        const patch = sizePatch(deployment, change, container, fence)
        if (patch.length === 0) return
        const answer = await client.patchDeployment(deployment.name, patch)
        if (answer === 'written') return
        if (attempt === attempts) throw new SlipwayError('cluster-refused', { what: deployment.what, status: answer })
        await clock.wait(pause * attempt)
      }
    },
  }
}

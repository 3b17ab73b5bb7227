import { z } from 'zod'
import { SlipwayError } from '../errors.ts'
import type { AutoscalerView, Clock, Fence } from '../jobs/ports.ts'
import type { Track } from '../rollout/plan.ts'
import { type Autoscaler, autoscalerKind, pinPatch, readAutoscaler, unpinPatch } from './autoscaler.ts'
import type { Client, ReadingClient } from './client.ts'
import { isNewer, refuseOlder } from './fence.ts'
import type { JsonPatch } from './json-patch.ts'

/** The Deployments by track. */
export type Deployments = Readonly<Record<Track, string>>

/** How often a write is decided anew. The controller writes its status every few seconds. */
const attempts = 10

/** Grows with every conflict, in ms. */
const pause = 15

/** The autoscalers that size one of the two Deployments. A cluster that serves none has none. */
async function listAutoscalers(client: ReadingClient, deployments: Deployments): Promise<readonly Autoscaler[]> {
  const what = `${autoscalerKind.title}s in ${client.namespace}`
  try {
    const all = (await client.listObjects(autoscalerKind)).flatMap((object) => readAutoscaler(object) ?? [])
    return all.filter(({ deployment }) => Object.values(deployments).includes(deployment))
  } catch (cause) {
    if (cause instanceof SlipwayError && cause.code === 'cluster-not-found') return []
    if (cause instanceof z.ZodError) throw new SlipwayError('cluster-unreadable', { what }, { cause })
    throw cause
  }
}

/** See `ClusterReader.autoscalers`. */
export async function viewAutoscalers(
  client: ReadingClient,
  deployments: Deployments,
): Promise<readonly AutoscalerView[]> {
  const found = await listAutoscalers(client, deployments)
  return found.map(({ name, deployment, minimum, maximum, fence, pin }) => ({
    name,
    track: deployment === deployments.blue ? 'blue' : 'green',
    minimum,
    maximum,
    pinned: pin !== null,
    fence,
  }))
}

/** See `Cluster.pin`. */
export async function pin(
  client: Client,
  clock: Clock,
  deployments: Deployments,
  order: { readonly track: Track; readonly minimum: number; readonly fence: Fence },
): Promise<void> {
  const { track, minimum, fence } = order
  await writeEach(client, clock, deployments, (scaler) => {
    if (scaler.deployment !== deployments[track]) return []
    refuseOlder(scaler.what, fence, scaler.fence)
    return pinPatch(scaler, minimum, fence)
  })
}

/** See `Cluster.unpin`. What a newer rollout has pinned is its to give back. */
export async function unpin(
  client: Client,
  clock: Clock,
  deployments: Deployments,
  fence: Fence,
): Promise<readonly string[]> {
  return writeEach(client, clock, deployments, (scaler) => {
    const { fence: found } = scaler
    if (found !== null && found.rollout > fence.rollout) return []
    // The last write of a rollout outranks whatever that rollout wrote.
    return unpinPatch(scaler, found !== null && isNewer(found, fence) ? found : fence)
  })
}

/** Writes every autoscaler as `decide` says of what stands there. Returns the names of those that were written. */
async function writeEach(
  client: Client,
  clock: Clock,
  deployments: Deployments,
  decide: (scaler: Autoscaler) => JsonPatch,
): Promise<readonly string[]> {
  const written = new Set<string>()
  for (let attempt = 1; ; attempt += 1) {
    let refused: { readonly what: string; readonly status: number } | undefined
    for (const scaler of await listAutoscalers(client, deployments)) {
      const patch = decide(scaler)
      if (patch.length === 0) continue
      const answer = await client.patchAutoscaler(scaler.name, patch)
      if (answer === 'written') written.add(scaler.name)
      else refused = { what: scaler.what, status: answer }
    }
    if (refused === undefined) return [...written]
    if (attempt === attempts) throw new SlipwayError('cluster-refused', refused)
    await clock.wait(pause * attempt)
  }
}

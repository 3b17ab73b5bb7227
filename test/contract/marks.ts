import type { Mark } from '../../src/jobs/ports.ts'
import { type JsonObject, parseJsonObject } from '../../src/sandbox/cluster/json.ts'
import { metadataOf } from '../../src/sandbox/cluster/metadata.ts'
import { type Scene, service } from './scene.ts'

/** A claim of rollout 7: blue is stable, green the canary. */
export function claimOf(rollout = 7, version = 1): Omit<Mark, 'closed' | 'by' | 'at'> {
  return { service, rollout, version, stable: 'blue', canary: 'green' }
}

export const markPath = '/metadata/annotations/slipway.dev~1mark'

/** The mark as it stands on the route. */
export async function readMark(scene: Scene): Promise<JsonObject> {
  const { annotations } = metadataOf(await scene.readRoute())
  return parseJsonObject(JSON.parse(annotations['slipway.dev/mark'] ?? 'null'))
}

/** Brings the canary to a weight: fences 7/2 to 7/3. */
export async function atWeight(scene: Scene, weight: number): Promise<void> {
  await scene.cluster.claim(claimOf())
  if (weight > 0) await scene.cluster.shift('green', weight, 0, { rollout: 7, version: 2 })
}

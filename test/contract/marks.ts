import type { Mark, Order } from '../../src/jobs/ports.ts'
import { type JsonObject, parseJsonObject } from '../../src/sandbox/cluster/json.ts'
import { metadataOf } from '../../src/sandbox/cluster/metadata.ts'
import { type Scene, service } from './scene.ts'

/** An order of the record that all of these tests' orders stand in: it knows every version up to 20. */
export function orderAt(version: number, rollout = 7): Order {
  const hashOf = (of: number) => `record of ${rollout}, event ${of}`
  return { rollout, version, hash: hashOf(version), known: Array.from({ length: 20 }, (_, i) => hashOf(i + 1)) }
}

/** The same version in a record that went another way after event 1. */
export function strangerAt(version: number, rollout = 7): Order {
  const { known, ...order } = orderAt(version, rollout)
  const hash = `another record of ${rollout}, event ${version}`
  return { ...order, hash, known: [...known.slice(0, 1), hash] }
}

/** A claim of rollout 7: blue is stable, green the canary. */
export function claimOf(rollout = 7, version = 1): Omit<Mark, 'closed' | 'by' | 'at'> {
  const { known: _, ...fence } = orderAt(version, rollout)
  return { service, ...fence, stable: 'blue', canary: 'green' }
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
  if (weight > 0) await scene.cluster.shift('green', weight, 0, orderAt(2))
}

import { z } from 'zod'
import type { JsonObject } from './json.ts'
import { timestamp } from './metadata.ts'

const conditionSchema = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string(),
  message: z.string(),
  lastUpdateTime: z.string(),
  lastTransitionTime: z.string(),
})
type Condition = z.infer<typeof conditionSchema>

const statusSchema = z.object({
  replicas: z.int().default(0),
  updatedReplicas: z.int().default(0),
  readyReplicas: z.int().default(0),
  conditions: z.array(conditionSchema).default([]),
})

/** How a Deployment stands, as its controller counts. */
export interface Standing {
  readonly name: string
  /** Wanted, and the fewest that make it available. */
  readonly wanted: number
  readonly minAvailable: number
  readonly replicas: number
  readonly updatedReplicas: number
  readonly readyReplicas: number
  /** Does it roll out a template that it was not seen with before? */
  readonly newTemplate: boolean
  /** How long it may make no progress, in ms. */
  readonly deadline: number
}

/** The reason of `Progressing` once all pods are of the wanted template and ready. */
export const complete = 'NewReplicaSetAvailable'

/** The conditions `Available` and `Progressing` after a status, as the API server keeps them. */
export function conditionsAfter(before: JsonObject, standing: Standing, now: number): JsonObject[] {
  const { conditions, ...counts } = statusSchema.parse(before)
  const find = (type: string) => conditions.find((condition) => condition.type === type)
  const available = standing.readyReplicas >= standing.minAvailable
  const progressing = progressOf(find('Progressing'), counts, standing, now)
  return [
    kept(find('Available'), {
      type: 'Available',
      status: available ? 'True' : 'False',
      reason: available ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
      message: `Deployment ${available ? 'has' : 'does not have'} minimum availability.`,
    }),
    ...(progressing ? [progressing] : []),
  ]
}

function progressOf(
  present: Condition | undefined,
  before: Omit<z.infer<typeof statusSchema>, 'conditions'>,
  { name, wanted, replicas, updatedReplicas, readyReplicas, newTemplate, deadline }: Standing,
  now: number,
): JsonObject | undefined {
  const told = (status: string, reason: string, message: string) =>
    kept(present, { type: 'Progressing', status, reason, message })
  const ready = updatedReplicas === wanted && replicas === wanted && readyReplicas === wanted
  // Scaling what is rolled out already is no progress, and no lack of it.
  if (present?.reason === complete && !newTemplate && replicas === updatedReplicas) return present
  if (ready) return told('True', complete, `ReplicaSet of "${name}" has successfully progressed.`)
  const moved =
    newTemplate ||
    updatedReplicas > before.updatedReplicas ||
    replicas - updatedReplicas < before.replicas - before.updatedReplicas ||
    readyReplicas > before.readyReplicas
  if (moved || !present)
    return {
      ...told('True', 'ReplicaSetUpdated', `ReplicaSet of "${name}" is progressing.`),
      lastUpdateTime: timestamp(),
    }
  if (now - Date.parse(present.lastUpdateTime) < deadline) return present
  return told('False', 'ProgressDeadlineExceeded', `ReplicaSet of "${name}" has timed out progressing.`)
}

/** A condition with its times: they stay while it says the same. */
function kept(
  present: Condition | undefined,
  next: Record<'type' | 'status' | 'reason' | 'message', string>,
): JsonObject {
  const same = present?.status === next.status
  const time = timestamp()
  return {
    ...next,
    lastUpdateTime: same && present.reason === next.reason ? present.lastUpdateTime : time,
    lastTransitionTime: same ? present.lastTransitionTime : time,
  }
}

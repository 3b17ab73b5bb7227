import type { EventOf } from '../rollout/events.ts'
import type { State } from '../rollout/state.ts'

/** That Redis came back without the end of the record: what the cluster shows, and what is left to decide. */
export function lostText({ fence, weight }: EventOf<'record-lost'>, state: State): string {
  const newer = `The cluster carries a newer order (${fence.rollout}/${fence.version}) than Redis knows. The canary gets ${weight} %`
  if (state.rollback !== undefined)
    return `*Redis has lost the end of this rollout's record.* ${newer}. The rollback goes on.`
  const todo = weight < 100 ? 'Roll back when you are ready.' : 'Accept it as it stands, or roll back.'
  return `*Held: Redis has lost the end of this rollout's record.* ${newer} and is watched; a broken limit still rolls back. ${todo}`
}

/** Is a rollout that another one has superseded over without a record of its end? */
export function lostEnd({ stage, rollback }: State): boolean {
  return stage === 'rolled-back' && rollback?.restoredAt === undefined
}

import type { Reports } from '../ledger/reports.ts'
import { changesSince } from '../readiness/changes.ts'
import type { CheckReadiness } from '../readiness/readiness.ts'
import { own } from './outcome.ts'
import type { World } from './world.ts'

/**
 * Checks readiness again for a phase that is asked for, so that whoever signs knows what has changed since the report. It holds nothing
 * up: a sign-off may come before it.
 */
export function createRecheck(
  world: Pick<World, 'rollouts' | 'clock' | 'newId'>,
  reports: Pick<Reports, 'find' | 'startedOn'>,
  checkReadiness: CheckReadiness,
) {
  return async (rollout: number): Promise<void> => {
    const state = await world.rollouts.load(rollout)
    const request = state?.request
    if (state === null || request === undefined || request.rechecked) return
    const { version, image } = state.spec
    // Others may have been made since, which nobody who signs has seen.
    const before = (await reports.startedOn(rollout)) ?? (await reports.find(version))
    const stable = state.parts && { stable: state.parts.stable }
    const now = await checkReadiness({ id: `${rollout}-${request.id}`, version, image, underWay: true, ...stable })
    const found = { request: request.id, judgement: now.judgement, changes: changesSince(before, now) }
    await world.rollouts.execute(rollout, own(world, { type: 'record-recheck', ...found }))
  }
}

import { ledgerHeadText, recordHeadText } from '../ledger/head-text.ts'
import { tellsHead } from '../rollout/heads.ts'
import type { State } from '../rollout/state.ts'
import type { Ours, Projector, Shown } from './project.ts'
import type { World } from './world.ts'

/**
 * Tells PagerDuty of each phase and each end as a change event, with the record's head. PagerDuty knows no key for these: one
 * whose answer got lost is sent again, the same to the letter but for the head of the service's record.
 */
export function createChangeEvents(world: World): Projector {
  async function tell({ event, state }: Shown, ours: Ours): Promise<void> {
    if (!tellsHead(event)) return
    const { service } = state
    const head = await world.record.head()
    await ours()
    await world.paging.change({
      summary: `${service} ${state.spec.version}: ${whatOf(event.type, state)}`,
      at: event.at,
      details: {
        ledger: ledgerHeadText(event, event.hash),
        ...(head !== null && { record: recordHeadText(service, head) }),
      },
    })
  }

  return {
    name: 'change-events',
    shows: ({ event }) => tellsHead(event),
    settles: 0,
    async show(shown, ours) {
      for (const one of shown) await tell(one, ours)
    },
  }
}

function whatOf(type: string, { phase, spec }: State): string {
  switch (type) {
    case 'phase-started':
      return `phase ${phase} of ${spec.phases.length} starts`
    case 'window-opened':
      return 'released, still watched'
    case 'weights-restored':
      return 'rolled back'
    default:
      return 'complete'
  }
}

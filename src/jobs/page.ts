import type { Event } from '../rollout/events.ts'
import { type PageAction, pageActions } from '../rollout/pages.ts'
import type { State } from '../rollout/state.ts'
import { own } from './outcome.ts'
import { pageOf } from './page-texts.ts'
import type { Ours, Projector } from './project.ts'
import type { World } from './world.ts'

/**
 * Sends and resolves pages, in order: a page is resolved only after it was sent, and never sent again after that. What
 * was sent goes back into the ledger, where the thread and the card find its link.
 */
export function createPager(world: World): Projector {
  return {
    name: 'paging',
    shows: ({ event, state }) => pageActions(event, state).length > 0,
    // The same key again is the same incident.
    settles: 0,
    async show(shown, ours) {
      for (const { event, state } of shown)
        for (const action of pageActions(event, state)) await act(world, event, state, action, ours)
    },
  }
}

async function act(world: World, event: Event, state: State, action: PageAction, ours: Ours): Promise<void> {
  const now = await world.rollouts.load(state.rollout)
  const record = now?.pages.find((p) => p.key === action.key)
  if (action.do === 'trigger') {
    if (record === undefined || record.link !== null) return
    await ours()
    const { link } = await world.paging.trigger(pageOf(event, state, action.key))
    await world.rollouts.execute(state.rollout, own(world, { type: 'record-page', key: action.key, link }))
  } else {
    if (record === undefined || record.resolved) return
    // A trigger that was given up on, and sent again, may still arrive: after the resolve it would open a second incident.
    const settled = (record.sentAt ?? 0) + 2 * world.config.pagerduty.timeout
    await world.clock.wait(Math.max(0, settled - world.clock.now()))
    await ours()
    await world.paging.resolve(action.key)
    await world.rollouts.execute(state.rollout, own(world, { type: 'record-page-resolved', key: action.key }))
  }
}

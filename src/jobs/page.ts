import type { Event } from '../rollout/events.ts'
import { type PageAction, pageActions } from '../rollout/pages.ts'
import type { State } from '../rollout/state.ts'
import { own } from './outcome.ts'
import type { Page } from './ports.ts'
import type { Projector } from './project.ts'
import type { World } from './world.ts'

/**
 * Sends and resolves pages, in order: a page is resolved only after it was sent, and never sent again after that. What
 * was sent goes back into the ledger, where the thread and the card find its link.
 */
export function createPager(world: World): Projector {
  return {
    name: 'paging',
    async show({ event, state }) {
      for (const action of pageActions(event, state)) await act(world, event, state, action)
    },
  }
}

async function act(world: World, event: Event, state: State, action: PageAction): Promise<void> {
  const now = await world.rollouts.load(state.rollout)
  const record = now?.pages.find((p) => p.key === action.key)
  if (action.do === 'trigger') {
    if (record === undefined || record.link !== null) return
    const { link } = await world.paging.trigger(pageOf(event, state, action))
    await world.rollouts.execute(state.rollout, own(world, { type: 'record-page', key: action.key, link }))
  } else {
    if (record === undefined || record.resolved) return
    await world.paging.resolve(action.key)
    await world.rollouts.execute(state.rollout, own(world, { type: 'record-page-resolved', key: action.key }))
  }
}

function pageOf(event: Event, state: State, action: Extract<PageAction, { do: 'trigger' }>): Page {
  const release = `${state.service} ${state.spec.version}`
  const common = {
    service: state.service,
    version: state.spec.version,
    phase: String(state.phase),
    weight: `${state.weight} %`,
  }
  const page = (severity: Page['severity'], summary: string, more: Readonly<Record<string, string>> = {}): Page => ({
    key: action.key,
    severity,
    summary,
    details: { ...common, ...more },
  })
  switch (event.type) {
    case 'breach-confirmed': {
      const { metric, value, query, stableToo } = event.evidence
      const limit = state.spec.metrics.find((m) => m.name === metric)?.limit?.text ?? ''
      const hint = stableToo ? ' Stable breaks it too: probably not the release.' : ''
      const details = { metric, value: String(value ?? 'no number'), limit, query }
      return page(
        'critical',
        `${release}: ${metric} broke its limit (${limit}) in phase ${state.phase}; rolling back.${hint}`,
        details,
      )
    }
    case 'rollback-attempt-failed':
      return page('critical', `${release}: ROLLBACK NOT DONE, the canary still gets ${state.weight} %. ${event.what}`, {
        todo: event.todo,
      })
    case 'decision-overdue':
      return page('error', `${release}: phase ${state.phase} waits for a decision; it rolls back by itself.`)
    default:
      return page(
        'error',
        `${release}: no numbers to judge phase ${state.phase} by; the soak holds with ${state.weight} % on the canary.`,
      )
  }
}

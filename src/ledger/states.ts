import type { Event } from '../rollout/events.ts'
import { evolve } from '../rollout/evolve.ts'
import type { State } from '../rollout/state.ts'

/** How many states are kept: those of a few rollouts' last events. */
const kept = 200

/** States by the hash of their last event: it stands for all events before, so it is the same history for whoever asks. */
const known = new Map<string, State>()

/** The states after the events above `version`, folded on from the nearest state that is known; `history` is whole, oldest first. */
export function statesAfter(
  history: readonly Event[],
  version: number,
): readonly { readonly event: Event; readonly state: State }[] {
  const start = history.findLastIndex(({ version: v, hash }) => v <= version && hash !== undefined && known.has(hash))
  let state: State | null = known.get(history[start]?.hash ?? '') ?? null
  const after: { event: Event; state: State }[] = []
  for (const event of history.slice(start + 1)) {
    // Whoever asks next, from a little earlier or later on, wants the same states.
    state = known.get(event.hash ?? '') ?? evolve(state, event)
    keep(event, state)
    if (event.version > version) after.push({ event, state })
  }
  return after
}

function keep({ hash }: Event, state: State): void {
  if (hash === undefined) return
  known.delete(hash)
  known.set(hash, state)
  const [oldest] = known.keys()
  if (known.size > kept && oldest !== undefined) known.delete(oldest)
}

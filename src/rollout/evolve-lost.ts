import { begin } from './begin.ts'
import type { Event, EventOf } from './events.ts'
import { isOver, type State } from './state.ts'
import { calm, endRequest, endSkip, without } from './state-changes.ts'

/** A rollout of which only the mark and the traffic are known. */
export function found(event: EventOf<'rollout-found'>): State {
  const { stable, canary, stableSize, stableImage, canaryImage, weight, fence, at } = event
  return {
    ...begin(event, event.by),
    stage: 'waiting',
    parts: { stable, canary, stableSize, stableImage, canaryImage },
    weight,
    fenceFloor: fence.version,
    lostOrders: lostOrdersAfter([], fence),
    lost: { at },
  }
}

/** The state after it was seen that Redis has lost the end of the record, or that a newer rollout has taken the cluster over. */
export function evolveLost(state: State, event: Extract<Event, { type: 'record-lost' | 'superseded' }>): State {
  switch (event.type) {
    case 'record-lost': {
      const { at, weight, fence } = event
      const known = {
        weight,
        // A record that went on before anybody saw the loss may have come past the fence that it lost.
        fenceFloor: Math.max(state.fenceFloor, fence.version),
        lostOrders: lostOrdersAfter(state.lostOrders, fence),
        // What was to be seen of an earlier weight never comes.
        convergence: { weight, since: at },
        ...(event.parts && { parts: event.parts }),
      }
      // A rollback that is under way needs only a fence that counts.
      if (state.rollback !== undefined) return { ...state, ...known }
      const ended = endSkip(endRequest(state, 'ended', 'a lost record', at), 'ended', 'a lost record', at)
      // Whatever differed did so from what was known before; an order to write that again is void.
      const held = without(without(without(ended, 'decision'), 'failure'), 'drift')
      return { ...held, ...known, stage: 'waiting', lost: { at } }
    }
    case 'superseded': {
      const by = event.by.name
      const ended = endSkip(endRequest(state, 'ended', by, event.at), 'ended', by, event.at)
      const calmed = calm(without(without(ended, 'decision'), 'failure'))
      const done = { ...calmed, cleanUp: 'done', recovery: 'none' } as const
      return isOver(state) ? done : { ...done, stage: 'rolled-back', weight: 0 }
    }
  }
}

function lostOrdersAfter(before: readonly string[], { hash }: { readonly hash?: string }): readonly string[] {
  return hash === undefined ? before : [...before, hash]
}

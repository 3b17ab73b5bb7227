import type { Actor, Event, EventOf } from './events.ts'
import type { Order, State } from './state.ts'

/** What orders writes to the cluster. */
const orders: ReadonlySet<Event['type']> = new Set([
  'rollout-started',
  'phase-started',
  'taken-over',
  'rollback-ordered',
  'completed',
])

/** The orders to the cluster that the ledger holds after this event, oldest first. */
export function ordersAfter(before: readonly Order[], { type, version, hash }: Event): readonly Order[] {
  return orders.has(type) ? [...before, { version, ...(hash !== undefined && { hash }) }] : before
}

/** The first state of a rollout. */
export function begin(event: EventOf<'rollout-started'> | EventOf<'rollout-found'>, by: Actor): State {
  return {
    service: event.service,
    rollout: event.rollout,
    version: event.version,
    ...(event.hash !== undefined && { hash: event.hash }),
    stage: event.spec.mode === 'observe' ? 'observing' : 'preparing',
    spec: event.spec,
    ...(event.spec.mode === 'observe' && { observation: { story: [], broken: [] } }),
    startedBy: by,
    startedAt: event.at,
    phase: 0,
    weight: 0,
    phaseVersion: 0,
    fenceFloor: 0,
    orders: ordersAfter([], event),
    lostOrders: [],
    phases: [],
    canaryReadyPhase: 0,
    ...(event.type === 'rollout-started' && event.all === true && { all: true }),
    decided: [],
    openedPhase: 0,
    checkpointsAsked: 0,
    ticks: [],
    extraSoak: 0,
    keptSizes: {},
    breaches: [],
    pages: [],
    toldPagerDuty: { paging: 0, 'change-events': 0 },
    cleanUp: 'none',
    recovery: 'none',
    commands: new Set([event.command]),
  }
}

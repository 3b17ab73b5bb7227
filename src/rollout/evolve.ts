import type { Actor, Event, EventOf } from './events.ts'
import { evolveObserved } from './evolve-observed.ts'
import { incidentOpenedBy } from './pages.ts'
import { signOffExpires } from './sign-off.ts'
import { type DecidedRequest, isObserved, isOver, type Order, type Request, type State } from './state.ts'
import { endRequest, endSkip, updatePhase, without } from './state-changes.ts'

/** The state after an event. Pure; the first event of a rollout must be `rollout-started`. */
export function evolve(state: State | null, event: Event): State {
  if (state === null) {
    if (event.type === 'rollout-found') return openIncident(found(event), event)
    if (event.type !== 'rollout-started') throw new Error(`a rollout begins with rollout-started, not ${event.type}`)
    const { warnings, at } = event
    return { ...begin(event, event.by), ...(warnings && { warned: { ...warnings, at } }) }
  }
  const known = state.commands.has(event.command)
  const commands = known ? state.commands : new Set(state.commands).add(event.command)
  const { version, hash } = event
  const next: State = {
    ...state,
    version,
    ...(hash !== undefined && { hash }),
    commands,
    orders: ordersAfter(state.orders, event),
  }
  const after = openIncident(apply(next, event), event)
  return isObserved(after)
    ? { ...after, stage: after.observation?.ended === undefined ? 'observing' : 'observed' }
    : after
}

/** What orders writes to the cluster. */
const orders: ReadonlySet<Event['type']> = new Set([
  'rollout-started',
  'phase-started',
  'taken-over',
  'rollback-ordered',
  'completed',
])

function ordersAfter(before: readonly Order[], { type, version, hash }: Event): readonly Order[] {
  return orders.has(type) ? [...before, { version, ...(hash !== undefined && { hash }) }] : before
}

function lostOrdersAfter(before: readonly string[], { hash }: { readonly hash?: string }): readonly string[] {
  return hash === undefined ? before : [...before, hash]
}

/** A rollout of which only the mark and the traffic are known. */
function found(event: EventOf<'rollout-found'>): State {
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

function begin(event: EventOf<'rollout-started'> | EventOf<'rollout-found'>, by: Actor): State {
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
    cleanUp: 'none',
    recovery: 'none',
    commands: new Set([event.command]),
  }
}

function apply(state: State, event: Event): State {
  switch (event.type) {
    case 'rollout-started':
    case 'rollout-found':
      throw new Error('a rollout starts once')
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
    case 'locked':
    case 'unlocked':
      return state
    case 'handed-over':
      return { ...state, handover: { to: event.to, at: event.at, version: event.version } }
    case 'hold-overridden': {
      const { freeze, lock } = event
      const now = { ...(freeze && { freeze: freeze.until }), ...(lock && { lock: lock.id }) }
      return { ...state, overridden: { ...state.overridden, ...now } }
    }
    case 'warnings-accepted':
      return without(state, 'warned')
    case 'prepared': {
      const { stable, canary, stableSize, stableImage, canaryImage, canarySize } = event
      const known = canarySize === undefined ? {} : { canarySize }
      return {
        ...without(state, 'failure'),
        stage: 'soaked',
        parts: { stable, canary, stableSize, stableImage, canaryImage, ...known },
      }
    }
    case 'sign-off-requested': {
      const { phase, phases = [phase], plan, planHash, by, at, expiresAt, version } = event
      const named = planHash === undefined ? {} : { planHash }
      return {
        ...state,
        // It may be asked for while the phase before still soaks.
        stage: state.stage === 'soaking' ? 'soaking' : 'awaiting-sign-off',
        request: { id: version, phase, phases, plan, ...named, by, at, expiresAt, signOffs: [] },
      }
    }
    case 'signed-off': {
      const signOff = { role: event.role, by: event.by, at: event.at }
      return updateRequest(state, (request) => ({ ...request, signOffs: [...request.signOffs, signOff] }))
    }
    case 'readiness-rechecked':
      return updateRequest(state, (request) => ({ ...request, rechecked: true }))
    case 'sign-off-withdrawn':
      return updateRequest(state, (request) => ({
        ...request,
        signOffs: request.signOffs.filter((s) => s.role !== event.role || s.by.id !== event.by.id),
      }))
    case 'sign-off-nudged':
      return updateRequest(state, (request) => ({ ...request, nudged: { at: event.at, by: event.by.name } }))
    case 'sign-off-rejected':
      return turnDown(state, 'rejected', event.by.name, event.at)
    case 'sign-off-cancelled':
      return turnDown(state, 'cancelled', event.by.name, event.at)
    case 'sign-off-voided':
      return turnDown(state, 'voided', 'a change of the plan', event.at)
    case 'sign-off-expired':
      return turnDown(state, 'expired', 'time', event.at)
    case 'sign-off-opened':
      return { ...state, openedPhase: event.phase }
    case 'checkpoints-asked':
      return { ...state, checkpointsAsked: event.phase }
    case 'checkpoint-ticked': {
      const { phase, checkpoint, role, by, at } = event
      return { ...state, ticks: [...state.ticks, { phase, checkpoint, role, by, at }] }
    }
    case 'image-ids-seen':
      return { ...state, imageIds: event.ids }
    case 'phase-started': {
      const record = { phase: event.phase, startedAt: event.at, signOffs: state.request?.signOffs ?? [] }
      return {
        ...useRequest(state, event.phase, event.at),
        stage: 'shifting',
        phase: event.phase,
        phaseVersion: event.version,
        phases: [...state.phases, record],
        extraSoak: 0,
      }
    }
    case 'canary-ready':
      return { ...without(state, 'failure'), canaryReadyPhase: event.phase }
    case 'traffic-shifted':
      return {
        ...updatePhase(without(state, 'failure'), { shiftedAt: event.at }),
        stage: 'soaking',
        weight: event.weight,
        convergence: { weight: event.weight, since: event.at },
      }
    case 'step-failed':
      return { ...state, failure: { step: event.step, what: event.what, todo: event.todo, at: event.at } }
    case 'step-retried':
      return without(state, 'failure')
    case 'soak-passed':
      return passed(
        updatePhase(endSkip(state, 'ended', 'the end of the soak', event.at), {
          endedAt: event.at,
          observed: event.observed,
          figures: event.figures,
        }),
        event.at,
      )
    case 'skip-asked': {
      const { phase, reason, by, at, expiresAt, version } = event
      return { ...state, skip: { id: version, phase, reason, by, at, expiresAt } }
    }
    case 'soak-skipped':
      return passed(
        updatePhase(endSkip(state, 'signed', event.by.name, event.at), { endedAt: event.at, skipped: true }),
        event.at,
      )
    case 'skip-rejected':
      return endSkip(state, 'rejected', event.by.name, event.at)
    case 'skip-expired':
      return endSkip(state, 'expired', 'time', event.at)
    case 'decision-awaited': {
      const decision = {
        since: event.at,
        pageAt: event.pageAt,
        rollBackAt: event.rollBackAt,
        overdue: false,
        figures: event.figures,
      }
      const ended = endSkip(state, 'ended', 'the end of the soak', event.at)
      return { ...updatePhase(ended, { observed: event.observed, figures: event.figures }), stage: 'waiting', decision }
    }
    case 'decision-overdue':
      return state.decision === undefined ? state : { ...state, decision: { ...state.decision, overdue: true } }
    case 'soak-extended':
      return { ...without(state, 'decision'), stage: 'soaking', extraSoak: state.extraSoak + event.ms }
    case 'targets-accepted':
      return passed(updatePhase(without(without(state, 'decision'), 'lost'), { endedAt: event.at }), event.at)
    case 'paused':
      return { ...state, paused: { by: event.by, at: event.at, reason: event.reason } }
    case 'resumed':
      return without(state, 'paused')
    case 'went-blind':
      return {
        ...state,
        blind: { since: state.blind?.since ?? event.at, paged: state.blind?.paged ?? false, metrics: event.metrics },
      }
    case 'blind-too-long':
      return state.blind === undefined ? state : { ...state, blind: { ...state.blind, paged: true } }
    case 'sight-regained':
      return without(state, 'blind')
    case 'drift-found':
      return {
        ...state,
        drift: {
          what: event.what,
          manager: event.manager,
          at: event.at,
          ...(event.larger && { larger: event.larger }),
        },
      }
    case 'drift-gone':
      return without(state, 'drift')
    case 'taken-over':
      return {
        ...state,
        // A shift that was ordered before would find a newer fence: it goes on under this one.
        phaseVersion: event.version,
        ...(state.drift && { drift: { ...state.drift, takenOver: event.version } }),
        ...(state.drift?.larger && {
          keptSizes: { ...state.keptSizes, [state.drift.larger.track]: state.drift.larger.replicas },
        }),
      }
    case 'take-over-failed': {
      if (state.drift === undefined) return state
      const { takenOver: _, ...drift } = state.drift
      return { ...state, drift }
    }
    case 'slack-lost':
      return { ...state, silence: { since: event.since, toldAt: event.at, paged: false } }
    case 'slack-away-too-long':
      return state.silence === undefined ? state : { ...state, silence: { ...state.silence, paged: true } }
    case 'slack-back':
      return later(without(state, 'silence'), event.since, event.at)
    case 'breach-confirmed':
      return {
        ...state,
        breaches: [...state.breaches, { number: event.number, at: event.at, evidence: event.evidence }],
        // Known only after the end: its incident is resolved when stable is seen to be well, as any other.
        ...(isOver(state) && { recovery: 'watched' as const }),
      }
    case 'rollback-ordered': {
      const { cause, forced, reason, by, at, version } = event
      // The incident of an order that is overtaken stays the rollout's only one.
      const failedAttempts = state.rollback?.failedAttempts ?? 0
      const asked = endSkip(endRequest(state, 'ended', by.name, at), 'ended', by.name, at)
      const ended = without(without(without(asked, 'decision'), 'failure'), 'warned')
      return {
        ...ended,
        stage: 'rolling-back',
        rollback: { version, cause, forced, reason, by, orderedAt: at, failedAttempts },
      }
    }
    case 'rollback-attempt-failed':
      if (state.rollback === undefined) return state
      return {
        ...state,
        stage: 'rollback-failed',
        rollback: { ...state.rollback, failedAttempts: event.attempt, failing: event.code },
      }
    case 'weights-restored': {
      if (state.rollback === undefined) return state
      return {
        ...calm(state),
        stage: 'rolled-back',
        weight: 0,
        rollback: { ...state.rollback, restoredAt: event.restoredAt, from: event.from },
        // Before its first phase the canary was never touched.
        cleanUp: state.parts === undefined || isUntouched(state) ? 'done' : 'due',
        recovery: state.pages.some((p) => !p.resolved) ? 'watched' : 'none',
      }
    }
    case 'traffic-converged': {
      if (state.convergence === undefined) return state
      const outcome = event.instead === undefined ? 'followed' : 'paused'
      return { ...state, convergence: { ...state.convergence, outcome } }
    }
    case 'traffic-not-converged':
      if (isOver(state)) return { ...state, lingering: true }
      return state.convergence === undefined
        ? state
        : { ...state, convergence: { ...state.convergence, outcome: 'missed' } }
    case 'traffic-verified':
      return { ...state, verifiedAt: event.at }
    case 'clean-up-held':
      return { ...state, cleanUp: 'held' }
    case 'clean-up-ordered':
      return { ...state, cleanUp: 'ordered' }
    case 'cleaned-up':
      return { ...state, cleanUp: 'done' }
    case 'git-behind':
      return { ...state, gitBehind: true }
    case 'stable-recovered':
      return { ...state, recovery: 'seen' }
    case 'recovery-not-seen':
      return { ...state, recovery: 'not-seen' }
    case 'window-opened':
      return { ...state, stage: 'released', windowOpenedAt: event.at }
    case 'completed': {
      const quiet = without(without(state, 'paused'), 'drift')
      return { ...quiet, stage: 'complete', completedAt: event.at, cleanUp: 'due' }
    }
    case 'page-sent':
      return {
        ...state,
        pages: state.pages.map((p) => (p.key === event.key ? { ...p, link: event.link, sentAt: event.at } : p)),
      }
    case 'page-resolved':
      return { ...state, pages: state.pages.map((p) => (p.key === event.key ? { ...p, resolved: true } : p)) }
    case 'tracks-seen':
    case 'weight-seen':
    case 'soak-seen':
    case 'breach-seen':
    case 'breach-over':
    case 'page-withheld':
    case 'observation-ended':
      return evolveObserved(state, event)
  }
}

function openIncident(state: State, event: Event): State {
  const incident = incidentOpenedBy(event, state)
  return incident === null ? state : { ...state, pages: [...state.pages, { ...incident, link: null, resolved: false }] }
}

function updateRequest(state: State, change: (request: Request) => Request): State {
  return state.request === undefined ? state : { ...state, request: change(state.request) }
}

/** A phase has passed: the next one waits for its sign-offs, or for somebody to ask for it. */
function passed(state: State, at: number): State {
  if (state.request === undefined) return { ...state, stage: 'soaked' }
  const opened = updateRequest(state, (request) => ({
    ...request,
    expiresAt: request.expiresAt ?? at + signOffExpires(state.spec, request.phase),
  }))
  return { ...opened, stage: 'awaiting-sign-off' }
}

/** The request ends, and the phase it asked for may be asked for again. */
function turnDown(state: State, how: DecidedRequest['how'], by: string, at: number): State {
  const stage = state.stage === 'awaiting-sign-off' ? 'soaked' : state.stage
  return { ...endRequest(state, how, by, at), stage }
}

/** A request starts its phase; one for several stands for the next of them. */
function useRequest(state: State, phase: number, at: number): State {
  const next = state.request?.phases.find((number) => number > phase)
  if (next !== undefined) return updateRequest(state, (request) => ({ ...request, phase: next, expiresAt: null }))
  return endRequest(state, 'signed', state.request?.signOffs.at(-1)?.by.name ?? '', at)
}

/** Every deadline of a person moves by the time in which nobody's click could arrive, as far as it was running then. */
function later(state: State, since: number, back: number): State {
  const { request, skip, decision, warned } = state
  const lost = (from: number) => Math.max(0, back - Math.max(since, from))
  return {
    ...state,
    ...(request && {
      request: { ...request, expiresAt: request.expiresAt === null ? null : request.expiresAt + lost(request.at) },
    }),
    ...(warned && { warned: { ...warned, expiresAt: warned.expiresAt + lost(warned.at) } }),
    ...(skip && { skip: { ...skip, expiresAt: skip.expiresAt + lost(skip.at) } }),
    ...(decision && {
      decision: {
        ...decision,
        pageAt: decision.pageAt + lost(decision.since),
        rollBackAt: decision.rollBackAt + lost(decision.since),
      },
    }),
  }
}

function isUntouched({ phase, lost }: State): boolean {
  return phase === 0 && lost === undefined
}

/** Nothing holds a rollout any more that is over. */
function calm(state: State): State {
  return without(without(without(without(without(state, 'blind'), 'drift'), 'paused'), 'lost'), 'warned')
}

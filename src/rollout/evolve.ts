import { begin, ordersAfter } from './begin.ts'
import type { Event } from './events.ts'
import { evolveEnd } from './evolve-end.ts'
import { evolveGate } from './evolve-gate.ts'
import { evolveLost, found } from './evolve-lost.ts'
import { evolveObserved } from './evolve-observed.ts'
import { tellsHead } from './heads.ts'
import { incidentOpenedBy, pageActions } from './pages.ts'
import { signOffExpires } from './sign-off.ts'
import { isObserved, isOver, type State } from './state.ts'
import { updatePhase, without } from './state-changes.ts'
import { hasLapsed } from './unsigned.ts'

/** The state after an event. Pure; the first event of a rollout must be `rollout-started`. */
export function evolve(state: State | null, event: Event): State {
  if (state === null) {
    if (event.type === 'rollout-found') return forPagerDuty(found(event), event)
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
  const after = forPagerDuty(apply(next, event), event)
  return isObserved(after)
    ? { ...after, stage: after.observation?.ended === undefined ? 'observing' : 'observed' }
    : after
}

function apply(state: State, event: Event): State {
  switch (event.type) {
    case 'rollout-started':
    case 'rollout-found':
      throw new Error('a rollout starts once')
    case 'locked':
    case 'unlocked':
      return state
    case 'handed-over':
      return { ...state, handover: { to: event.to, at: event.at, version: event.version } }
    case 'hold-overridden': {
      const { freeze, lock, unsigned } = event
      const now = { ...(freeze && { freeze: freeze.until }), ...(lock && { lock: lock.id }) }
      const free = { ...state, overridden: { ...state.overridden, ...now } }
      if (unsigned === undefined) return free
      return updatePhase(without(letThrough(free), 'failure'), {
        signedUntil: event.at + signOffExpires(state.spec, state.phase),
      })
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
    case 'image-ids-seen':
      return { ...state, imageIds: event.ids }
    case 'canary-ready':
      return { ...without(state, 'failure'), canaryReadyPhase: event.phase, canaryReplicas: event.replicas }
    case 'traffic-shifted':
      return {
        ...updatePhase(without(state, 'failure'), { shiftedAt: event.at }),
        // The first phase is signed before there are pods: its own count from its weight on.
        ...(state.signedIds === undefined && state.imageIds && { signedIds: state.imageIds }),
        stage: 'soaking',
        weight: event.weight,
        convergence: { weight: event.weight, since: event.at },
      }
    case 'step-failed':
      return {
        ...state,
        failure: { step: event.step, code: event.code, what: event.what, todo: event.todo, at: event.at },
      }
    case 'step-retried':
      return without(state, 'failure')
    case 'paused':
      return { ...state, paused: { by: event.by, at: event.at, reason: event.reason, version: event.version } }
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
          version: event.version,
          ...(event.larger && { larger: event.larger }),
          ...(event.weight !== undefined && { weight: event.weight }),
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
      return { ...state, drift: { ...drift, version: event.version } }
    }
    case 'slack-lost':
      return { ...state, silence: { since: event.since, toldAt: event.at, paged: false } }
    case 'slack-away-too-long':
      return state.silence === undefined ? state : { ...state, silence: { ...state.silence, paged: true } }
    case 'slack-back':
      return signedAgain(later(without(state, 'silence'), event.since, event.at), event.at)
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
    case 'window-opened':
      return { ...state, stage: 'released', windowOpenedAt: event.at }
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
    case 'record-lost':
    case 'superseded':
      return evolveLost(state, event)
    case 'sign-off-requested':
    case 'signed-off':
    case 'readiness-rechecked':
    case 'sign-off-withdrawn':
    case 'sign-off-nudged':
    case 'sign-off-rejected':
    case 'sign-off-cancelled':
    case 'sign-off-voided':
    case 'sign-off-expired':
    case 'sign-off-opened':
    case 'checkpoints-asked':
    case 'checkpoint-ticked':
    case 'phase-started':
    case 'skip-asked':
    case 'soak-skipped':
    case 'skip-rejected':
    case 'skip-expired':
    case 'soak-passed':
    case 'decision-awaited':
    case 'decision-overdue':
    case 'soak-extended':
    case 'targets-accepted':
      return evolveGate(state, event)
    case 'breach-confirmed':
    case 'rollback-ordered':
    case 'rollback-attempt-failed':
    case 'weights-restored':
    case 'traffic-verified':
    case 'clean-up-held':
    case 'clean-up-ordered':
    case 'clean-up-retried':
    case 'cleaned-up':
    case 'git-behind':
    case 'stable-recovered':
    case 'recovery-not-seen':
    case 'completed':
      return evolveEnd(state, event)
  }
}

/** What the pods run by now goes on, too: the role that decides has said so. */
function letThrough(state: State): State {
  const { imageIds = [], signedIds } = state
  return signedIds === undefined ? state : { ...state, signedIds: [...new Set([...signedIds, ...imageIds])] }
}

function openIncident(state: State, event: Event): State {
  const incident = incidentOpenedBy(event, state)
  return incident === null ? state : { ...state, pages: [...state.pages, { ...incident, link: null, resolved: false }] }
}

/** With the incident that the event opens, and with the event as the last one that PagerDuty is told of, where it is. */
function forPagerDuty(before: State, event: Event): State {
  const state = openIncident(before, event)
  const pages = pageActions(event, state).length > 0
  const tells = tellsHead(event)
  if (!pages && !tells) return state
  const { version } = event
  return {
    ...state,
    toldPagerDuty: {
      ...state.toldPagerDuty,
      ...(pages && { paging: version }),
      ...(tells && { 'change-events': version }),
    },
  }
}

/** Every deadline of a person moves by the time in which nobody's click could arrive, as far as it was running then. */
function later(state: State, since: number, back: number): State {
  const { request, skip, decision, warned, phases } = state
  const lost = (from: number) => Math.max(0, back - Math.max(since, from))
  return {
    ...state,
    ...(request && {
      request: { ...request, expiresAt: request.expiresAt === null ? null : request.expiresAt + lost(request.at) },
    }),
    phases: phases.map((p) => ({
      ...p,
      ...(p.signedUntil !== undefined && { signedUntil: p.signedUntil + lost(p.startedAt) }),
    })),
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

/** Not stopped any more for sign-offs that had lapsed, where they stand again at `at` (ms): the time without Slack has been added since. */
function signedAgain(state: State, at: number): State {
  return state.failure?.code === 'sign-offs-lapsed' && !hasLapsed(state, at) ? without(state, 'failure') : state
}

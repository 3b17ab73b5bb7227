import type { Event, EventType } from './events.ts'
import { signOffExpires } from './sign-off.ts'
import type { DecidedRequest, Request, State } from './state.ts'
import { endRequest, endSkip, updatePhase, without } from './state-changes.ts'

/** The kinds of events by which people, or a soak that has passed, let a phase start or end. */
type GateEvent = Extract<
  EventType,
  | 'sign-off-requested'
  | 'signed-off'
  | 'readiness-rechecked'
  | 'sign-off-withdrawn'
  | 'sign-off-nudged'
  | 'sign-off-rejected'
  | 'sign-off-cancelled'
  | 'sign-off-voided'
  | 'sign-off-expired'
  | 'sign-off-opened'
  | 'checkpoints-asked'
  | 'checkpoint-ticked'
  | 'phase-started'
  | 'skip-asked'
  | 'soak-skipped'
  | 'skip-rejected'
  | 'skip-expired'
  | 'soak-passed'
  | 'decision-awaited'
  | 'decision-overdue'
  | 'soak-extended'
  | 'targets-accepted'
>

/** The state after something was asked for, signed, decided or passed. */
export function evolveGate(state: State, event: Extract<Event, { type: GateEvent }>): State {
  switch (event.type) {
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
        withdrawn: {
          ...request.withdrawn,
          [event.by.id]: { at: event.at, ...(event.role !== undefined && { role: event.role }) },
        },
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
    case 'phase-started': {
      const record = {
        phase: event.phase,
        startedAt: event.at,
        ...(state.request && { askedBy: state.request.by.id }),
        signedUntil: event.at + signOffExpires(state.spec, event.phase),
        signOffs: state.request?.signOffs ?? [],
      }
      return {
        ...useRequest(state, event.phase, event.at),
        stage: 'shifting',
        phase: event.phase,
        phaseVersion: event.version,
        phases: [...state.phases, record],
        extraSoak: 0,
        ...(state.imageIds && { signedIds: state.imageIds }),
      }
    }
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
    case 'soak-passed':
      return passed(
        updatePhase(endSkip(state, 'ended', 'the end of the soak', event.at), {
          endedAt: event.at,
          observed: event.observed,
          figures: event.figures,
        }),
        event.at,
      )
    case 'decision-awaited': {
      const decision = {
        version: event.version,
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
  }
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

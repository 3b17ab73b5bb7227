import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from '../../src/rollout/decide.ts'
import { slipway } from '../../src/rollout/decide-rollback.ts'
import { dueJobs, type StepJob } from '../../src/rollout/effects.ts'
import { type Event, type EventOf, type EventType, parseEvent } from '../../src/rollout/events.ts'
import { evolve } from '../../src/rollout/evolve.ts'
import { isHeld } from '../../src/rollout/hold.ts'
import { pageActions } from '../../src/rollout/pages.ts'
import { planChanges, planHash } from '../../src/rollout/plan-text.ts'
import { gateClosedBy, missingRoles, openCheckpoints } from '../../src/rollout/sign-off.ts'
import { isOver, type Stage, type State } from '../../src/rollout/state.ts'
import { course, play } from './course.ts'
import { config, type Drive, spec, type Taken, types } from './drive.ts'
import { stages } from './ways.ts'

const everyRole = Object.keys(config.roles)

/** Each property runs over some ten thousand commands. */
function always(holds: (drive: Drive) => void): void {
  fc.assert(
    fc.property(course, (c) => holds(play(c))),
    { numRuns: 300 },
  )
}

function is<T extends EventType>(type: T) {
  return (event: Event): event is EventOf<T> & Event => event.type === type
}

/** Every event with the state before and after it, folded anew. */
function folded(events: readonly Event[]) {
  let state: State | null = null
  return events.map((event) => {
    const before = state
    const after = evolve(before, event)
    state = after
    return { event, before, after }
  })
}

/** The command that led to an event. */
function causeOf(drive: Drive, event: Event): Taken {
  const taken = drive.taken.find((t) => t.events.includes(event))
  if (taken === undefined) throw new Error('an event without a command')
  return taken
}

describe('random courses', () => {
  it('are worth their name: some reach every stage, every event and every job', () => {
    const reached = { stages: new Set<Stage>(), events: new Set<EventType>(), jobs: new Set<StepJob>() }
    for (const c of fc.sample(course, { seed: 52, numRuns: 2_500 })) {
      const { taken } = play(c)
      for (const { events, jobs, after } of taken) {
        for (const e of events) reached.events.add(e.type)
        for (const j of jobs) reached.jobs.add(j.name)
        if (after !== null) reached.stages.add(after.stage)
      }
    }
    expect([...reached.stages].sort()).toEqual([...stages].sort())
    expect([...reached.jobs].sort()).toEqual(['clean-up', 'prepare', 'recheck', 'roll-back', 'shift', 'take-over'])
    expect([...reached.events].sort()).toEqual(everyEvent.toSorted())
  })
})

describe('the gate (rule 2)', () => {
  it('raises the weight only for a phase that has started, once a phase, to exactly its weight', () => {
    always(({ events, state }) => {
      for (const { event, before, after } of folded(events)) {
        if (before === null || after.weight <= before.weight) continue
        // What the cluster already had is no step of ours.
        if (event.type === 'record-lost') continue
        if (event.type !== 'traffic-shifted') throw new Error(`${event.type} raised the weight`)
        const earlier = events.slice(0, event.version - 1)
        expect(earlier.filter(is('phase-started')).at(-1)?.phase).toBe(event.phase)
        expect(earlier.filter(is('traffic-shifted')).map((e) => e.phase)).not.toContain(event.phase)
        expect(after.weight).toBe(state.spec.phases.find((p) => p.number === event.phase)?.weight)
      }
    })
  })

  it('starts a phase only when every sign-off it needs was given and kept, by people who held the role, each once', () => {
    always((drive) => {
      const { events, state } = drive
      for (const start of events.filter(is('phase-started'))) {
        const request = events.filter(is('sign-off-requested')).find((e) => e.version === start.request)
        const covered = request?.phases ?? [request?.phase ?? 0]
        const phases = state.spec.phases.filter((p) => covered.includes(p.number))
        const withdrawn = events.filter(is('sign-off-withdrawn')).filter((e) => e.request === start.request)
        const given = events.filter(is('signed-off')).filter((e) => e.request === start.request)
        const kept = given.filter((e) => !withdrawn.some((w) => w.by.id === e.by.id && w.version > e.version))
        expect(covered).toContain(start.phase)
        for (const { roles } of phases) {
          for (const role of new Set(roles)) {
            const wanted = roles.filter((r) => r === role).length
            expect(kept.filter((e) => e.role === role).length).toBeGreaterThanOrEqual(wanted)
          }
        }
        const most = everyRole.map((role) => Math.max(...phases.map((p) => p.roles.filter((r) => r === role).length)))
        expect(kept).toHaveLength(most.reduce((sum, n) => sum + n, 0))
        expect(new Set(kept.map((e) => e.by.id)).size).toBe(kept.length)
        for (const s of kept) {
          const { command } = causeOf(drive, s)
          expect(command.by).toEqual(s.by)
          expect(command.type === 'approve' && command.roles).toContain(s.role)
          expect(s.planHash).toBe(planHash(request?.plan ?? ''))
          expect(s.version > start.request && s.version < start.version).toBe(true)
        }
        const own = kept.find((e) => e.by.id === request?.by.id)?.role ?? ''
        for (const { roles, requesterMaySign } of phases) if (!requesterMaySign) expect(roles).not.toContain(own)
      }
    })
  })

  it('starts a phase only when its every checkpoint was ticked off by the role that looks', () => {
    always((drive) => {
      const { events, state } = drive
      for (const start of events.filter(is('phase-started'))) {
        const { checkpoints = [] } = state.spec.phases.find((p) => p.number === start.phase) ?? {}
        const ticks = events
          .filter(is('checkpoint-ticked'))
          .filter((e) => e.phase === start.phase && e.version < start.version)
        expect(ticks.map((t) => t.checkpoint).toSorted()).toEqual(checkpoints.map((_, i) => i + 1))
        for (const tick of ticks) {
          const { command } = causeOf(drive, tick)
          expect(tick.role).toBe(checkpoints[tick.checkpoint - 1]?.role)
          expect(command.type === 'tick-checkpoint' && command.roles).toContain(tick.role)
        }
      }
    })
  })

  it('refuses no phase that has all it needs: after every command, what could start has started', () => {
    always(({ taken }) => {
      for (const { after, command } of taken) {
        if (after?.request === undefined || after.stage !== 'awaiting-sign-off') continue
        const { request } = after
        // Told by time alone, at the next tick.
        if (request.expiresAt !== null && command.at >= request.expiresAt) continue
        const complete =
          missingRoles(after, request).length === 0 &&
          openCheckpoints(after, request.phase).length === 0 &&
          planChanges(request.plan, after, request.phases).length === 0
        if (complete && !isHeld(after, command)) expect(gateClosedBy(after)).not.toBeNull()
      }
    })
  })

  it('refuses no sign-off that is still missing to somebody who may give it', () => {
    always(({ taken }) => {
      for (const { command, before, refusal } of taken) {
        const request = before?.request
        if (command.type !== 'approve' || before === null || request?.id !== command.request) continue
        if (before.commands.has(command.id) || (request.expiresAt !== null && command.at >= request.expiresAt)) continue
        const missing = missingRoles(before, request)
        const phases = before.spec.phases.filter((p) => request.phases.includes(p.number) && !p.requesterMaySign)
        const closed = request.by.id === command.by.id ? phases.flatMap((p) => p.roles) : []
        const fitting = missing.filter((role) => command.roles.includes(role) && !closed.includes(role))
        const may =
          !request.signOffs.some((s) => s.by.id === command.by.id) &&
          planChanges(request.plan, before, request.phases).length === 0
        if (!may || fitting.length === 0) continue
        if (command.role === undefined)
          expect(refusal?.code).toBe(new Set(fitting).size > 1 ? 'choose-role' : undefined)
        else if (fitting.includes(command.role)) expect(refusal).toBeNull()
      }
    })
  })

  it('uses a request for each of its phases once, and nobody signs what has ended', () => {
    always(({ events, state }) => {
      const uses = events.filter(is('phase-started')).map((e) => `${e.request} for ${e.phase}`)
      expect(new Set(uses).size).toBe(uses.length)
      for (const { id, at } of state.decided) {
        const late = events.filter(is('signed-off')).filter((e) => e.request === id && e.at > at)
        expect(late).toEqual([])
      }
      const open = [state.request, state.skip].flatMap((request) => (request === undefined ? [] : [request.id]))
      const asked = events.filter((e) => e.type === 'sign-off-requested' || e.type === 'skip-asked')
      expect([...state.decided.map((d) => d.id), ...open].toSorted((a, b) => a - b)).toEqual(
        asked.map((e) => e.version),
      )
    })
  })

  it('starts no phase of an expired request or another plan, nor while paused, blind, adrift or still soaking', () => {
    always(({ events }) => {
      for (const { event, before } of folded(events)) {
        if (event.type !== 'phase-started') continue
        expect(before?.request?.expiresAt).toBeGreaterThan(event.at)
        expect(before?.stage).toBe('awaiting-sign-off')
        expect(before?.weight).toBe(before?.spec.phases.find((p) => p.number === event.phase - 1)?.weight ?? 0)
        expect(before).not.toHaveProperty('silence')
        expect(before).not.toHaveProperty('lost')
        expect(before).not.toHaveProperty('paused')
        expect(before).not.toHaveProperty('blind')
        expect(before).not.toHaveProperty('drift')
      }
    })
  })

  it('starts and asks for no phase under a lock that nobody who decides has overridden', () => {
    always((drive) => {
      for (const event of drive.events) {
        if (event.type !== 'phase-started' && event.type !== 'sign-off-requested') continue
        const { command } = causeOf(drive, event)
        // What was prepared asks for its first phase by itself: that moves nothing.
        if (command.lock === undefined || command.type === 'record-prepared') continue
        const { id } = command.lock
        const overridden = drive.events.find((e) => e.type === 'hold-overridden' && e.lock?.id === id)
        expect(overridden?.version).toBeLessThan(event.version)
        const { command: by } = causeOf(drive, overridden ?? event)
        expect(by.type === 'override' && by.roles).toContain(spec.decides)
      }
    })
  })

  it('lets a hold make nothing of a tick that comes to nothing without it: nobody needs to ask for one then', () => {
    const by = slipway
    const lock = { id: 'held', by, at: 0, reason: 'an incident elsewhere' }
    const freeze = { title: 'Night', from: 0, until: Number.MAX_SAFE_INTEGER, zone: 'UTC' }
    always((drive) => {
      for (const { after, command } of drive.taken) {
        if (after === null) continue
        for (const unreachableSince of [null, command.at - 60_000]) {
          const tick = { type: 'tick', unreachableSince, id: 'tick', at: command.at + 1, by } as const
          const free = decide(after, tick, after.service)
          if (!('events' in free) || free.events.length > 0) continue
          expect(decide(after, { ...tick, lock, freeze }, after.service)).toEqual(free)
        }
      }
    })
  })

  it('ends a request for a change of its plan only when something has changed: here, what the pods run', () => {
    always(({ events }) => {
      for (const { changes } of events.filter(is('sign-off-voided')))
        expect(changes.every(({ field }) => field.includes('imageIds'))).toBe(true)
    })
  })

  it('starts nothing by a request that was open when the pods began to run another image', () => {
    always(({ events }) => {
      for (const { event, before } of folded(events)) {
        if (event.type !== 'image-ids-seen' || event.before === undefined || before?.request === undefined) continue
        const { id } = before.request
        expect(events.some((e) => e.type === 'phase-started' && e.request === id && e.version > event.version)).toBe(
          false,
        )
      }
    })
  })

  it('goes through the phases in order, one after the other', () => {
    always(({ events }) => {
      const started = events.filter(is('phase-started')).map((e) => e.phase)
      expect(started).toEqual(started.map((_, i) => i + 1))
    })
  })
})

describe('a rollback (rule 1)', () => {
  it('is ordered by whoever asks, in every state before the end, unless one is under way that does as much', () => {
    always(({ taken }) => {
      for (const { command, before, events } of taken) {
        if (command.type !== 'roll-back' || before === null || isOver(before) || before.commands.has(command.id))
          continue
        const { rollback } = before
        const underWay = rollback !== undefined && (!command.forced || (rollback.cause === 'person' && rollback.forced))
        expect(types(events)).toEqual(underWay ? [] : ['rollback-ordered'])
      }
    })
  })

  it('once ordered, is never followed by more weight, a phase, or a request', () => {
    always(({ events }) => {
      const ordered = events.findIndex(is('rollback-ordered'))
      if (ordered === -1) return
      for (const { event, before, after } of folded(events).slice(ordered)) {
        // An older ledger learns what the cluster already had.
        if (event.type !== 'record-lost') expect(after.weight).toBeLessThanOrEqual(before?.weight ?? 0)
        expect(after.request).toBeUndefined()
        expect(['phase-started', 'traffic-shifted', 'sign-off-requested', 'signed-off', 'completed']).not.toContain(
          event.type,
        )
        expect(['rolling-back', 'rollback-failed', 'rolled-back']).toContain(after.stage)
      }
    })
  })

  it('is the only thing that is due until the weights are back', () => {
    always(({ taken }) => {
      for (const { after } of taken) {
        if (after?.rollback === undefined || isOver(after)) continue
        expect(dueJobs(after).map((j) => [j.name, j.order])).toEqual([['roll-back', after.rollback.version]])
      }
    })
  })
})

describe('an end', () => {
  it('is one: rolled back or complete, the rollout stays so and its weight too', () => {
    always(({ events }) => {
      for (const { before, after } of folded(events)) {
        if (before === null || !isOver(before)) continue
        expect(after.stage).toBe(before.stage)
        expect(after.weight).toBe(before.weight)
      }
    })
  })
})

describe('incidents (rule 8)', () => {
  it('are triggered once each, resolved only after that, and known to the state', () => {
    always(({ events }) => {
      const triggered: string[] = []
      for (const { event, after } of folded(events)) {
        for (const action of pageActions(event, after)) {
          if (action.do === 'trigger') {
            expect(triggered).not.toContain(action.key)
            triggered.push(action.key)
          } else expect(triggered).toContain(action.key)
        }
        expect(after.pages.map((p) => p.key)).toEqual(triggered)
      }
    })
  })
})

describe('the ledger', () => {
  it('counts its events from 1, without a gap', () => {
    always(({ events, state }) => {
      expect(events.map((e) => e.version)).toEqual(events.map((_, i) => i + 1))
      expect(state.version).toBe(events.length)
    })
  })

  it('keeps every event through JSON, and the fold of what was kept is the same state', () => {
    always(({ events, state }) => {
      const kept = events.map((e) => parseEvent(JSON.parse(JSON.stringify(e))))
      expect(kept).toEqual(events)
      expect(kept.reduce<State | null>(evolve, null)).toEqual(state)
    })
  })

  it('takes a repeated command once', () => {
    always(({ taken }) => {
      const ids = new Set<string>()
      for (const { command, before, after, events } of taken) {
        if (ids.has(command.id)) expect(after).toBe(before)
        if (events.length > 0) ids.add(command.id)
      }
    })
  })

  it('changes nothing by a refusal', () => {
    always(({ taken }) => {
      for (const { before, after, refusal, events } of taken) {
        if (refusal === null) continue
        expect(events).toEqual([])
        expect(after).toBe(before)
      }
    })
  })
})

describe('jobs', () => {
  it('carry the version of the event that ordered them, however often they are due', () => {
    always(({ taken, events }) => {
      for (const { jobs, after } of taken) {
        for (const { name, order } of [...jobs, ...(after === null ? [] : dueJobs(after))])
          expect(orders[name]).toContain(events[order - 1]?.type)
      }
    })
  })

  it('are started by the event that makes them due: the sweep finds no other', () => {
    always(({ taken }) => {
      for (const { before, after, jobs, command } of taken) {
        // Told by a shift job that is still at it.
        if (after === null || before === null || command.type === 'record-canary-ready') continue
        const known = dueJobs(before).map((j) => `${j.name}-${j.order}`)
        const fresh = dueJobs(after).filter((j) => !known.includes(`${j.name}-${j.order}`))
        for (const job of fresh) expect(jobs).toContainEqual(job)
      }
    })
  })
})

/** What orders a job; a clean-up has no fence and needs no number. */
const orders: { readonly [J in StepJob]: readonly (EventType | undefined)[] } = {
  prepare: ['rollout-started'],
  shift: ['phase-started', 'taken-over'],
  'take-over': ['taken-over'],
  'roll-back': ['rollback-ordered'],
  'clean-up': [undefined],
  recheck: ['sign-off-requested'],
}

/** Every event that a rollout may have after its start; `rollout-found` stands in its place. */
const everyEvent: readonly EventType[] = [
  'rollout-started',
  'record-lost',
  'superseded',
  'skip-asked',
  'soak-skipped',
  'skip-rejected',
  'skip-expired',
  'taken-over',
  'take-over-failed',
  'locked',
  'unlocked',
  'hold-overridden',
  'handed-over',
  'slack-lost',
  'slack-away-too-long',
  'slack-back',
  'prepared',
  'sign-off-requested',
  'readiness-rechecked',
  'signed-off',
  'sign-off-rejected',
  'sign-off-expired',
  'sign-off-withdrawn',
  'sign-off-cancelled',
  'sign-off-nudged',
  'sign-off-opened',
  'sign-off-voided',
  'checkpoints-asked',
  'checkpoint-ticked',
  'image-ids-seen',
  'phase-started',
  'canary-ready',
  'traffic-shifted',
  'step-failed',
  'step-retried',
  'soak-passed',
  'decision-awaited',
  'decision-overdue',
  'soak-extended',
  'targets-accepted',
  'paused',
  'resumed',
  'went-blind',
  'blind-too-long',
  'sight-regained',
  'drift-found',
  'drift-gone',
  'breach-confirmed',
  'rollback-ordered',
  'rollback-attempt-failed',
  'weights-restored',
  'traffic-verified',
  'clean-up-held',
  'clean-up-ordered',
  'clean-up-retried',
  'cleaned-up',
  'stable-recovered',
  'recovery-not-seen',
  'window-opened',
  'completed',
  'page-sent',
  'page-resolved',
]

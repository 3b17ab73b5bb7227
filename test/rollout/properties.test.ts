import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dueJobs, type StepJob } from '../../src/rollout/effects.ts'
import { type Event, type EventOf, type EventType, parseEvent } from '../../src/rollout/events.ts'
import { evolve } from '../../src/rollout/evolve.ts'
import { pageActions } from '../../src/rollout/pages.ts'
import { isOver, type Stage, type State } from '../../src/rollout/state.ts'
import { course, play } from './course.ts'
import { type Drive, type Taken, types } from './drive.ts'
import { stages } from './ways.ts'

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
    expect([...reached.jobs].sort()).toEqual(['clean-up', 'prepare', 'roll-back', 'shift', 'take-over'])
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

  it('starts a phase only when every required role was signed, by people who held it, each for one role', () => {
    always((drive) => {
      const { events, state } = drive
      for (const start of events.filter(is('phase-started'))) {
        const phase = state.spec.phases.find((p) => p.number === start.phase)
        const request = events.filter(is('sign-off-requested')).find((e) => e.version === start.request)
        const signed = events.filter(is('signed-off')).filter((e) => e.request === start.request)
        expect(request?.phase).toBe(start.phase)
        expect(signed.map((e) => e.role).sort()).toEqual(phase?.roles.toSorted())
        expect(new Set(signed.map((e) => e.by.id)).size).toBe(signed.length)
        for (const s of signed) {
          const { command } = causeOf(drive, s)
          expect(command.by).toEqual(s.by)
          expect(command.type === 'approve' && command.roles).toContain(s.role)
          expect(s.version > start.request && s.version < start.version).toBe(true)
        }
        if (phase?.requesterMaySign === false) expect(signed.map((e) => e.by.id)).not.toContain(request?.by.id)
      }
    })
  })

  it('uses a request once: it ends signed, rejected, expired or by a rollback, and nobody signs it afterwards', () => {
    always(({ events, state }) => {
      const ends = events.filter(
        (e) => e.type === 'phase-started' || e.type === 'sign-off-rejected' || e.type === 'sign-off-expired',
      )
      const ended = ends.map((e) => e.request)
      expect(new Set(ended).size).toBe(ended.length)
      for (const end of ends) {
        const late = events.filter(
          (e) => e.type === 'signed-off' && e.request === end.request && e.version > end.version,
        )
        expect(late).toEqual([])
      }
      const open = [state.request, state.skip].flatMap((request) => (request === undefined ? [] : [request.id]))
      const asked = events.filter((e) => e.type === 'sign-off-requested' || e.type === 'skip-asked')
      expect([...state.decided.map((d) => d.id), ...open].toSorted((a, b) => a - b)).toEqual(
        asked.map((e) => e.version),
      )
    })
  })

  it('starts no phase of an expired request, nor while paused, blind or adrift', () => {
    always(({ events }) => {
      for (const { event, before } of folded(events)) {
        if (event.type !== 'phase-started') continue
        expect(before?.request?.expiresAt).toBeGreaterThan(event.at)
        expect(before).not.toHaveProperty('silence')
        expect(before).not.toHaveProperty('lost')
        expect(before).not.toHaveProperty('paused')
        expect(before).not.toHaveProperty('blind')
        expect(before).not.toHaveProperty('drift')
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
  'slack-lost',
  'slack-away-too-long',
  'slack-back',
  'prepared',
  'sign-off-requested',
  'signed-off',
  'sign-off-rejected',
  'sign-off-expired',
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
  'cleaned-up',
  'stable-recovered',
  'recovery-not-seen',
  'window-opened',
  'completed',
  'page-sent',
  'page-resolved',
]

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { refusalText } from '../../src/errors.ts'
import { dueJobs } from '../../src/rollout/effects.ts'
import { type Event, type EventOf, type EventType, parseEvent } from '../../src/rollout/events.ts'
import { evolve } from '../../src/rollout/evolve.ts'
import { phaseAt } from '../../src/rollout/observed.ts'
import { pageActions } from '../../src/rollout/pages.ts'
import { holdsService, type State } from '../../src/rollout/state.ts'
import { course, play } from './course.ts'
import { type Drive, holderOf, spec, types } from './drive.ts'
import { found, observed, observedSpec, seeWeight } from './observed-ways.ts'
import { approve, badFigures, evidence, goodFigures, sign } from './ways.ts'

const minute = 60_000
const breach = { type: 'record-breach', evidence } as const

function weightSeen(events: readonly Event[]): EventOf<'weight-seen'> {
  const seen = events.find((e) => e.type === 'weight-seen')
  if (seen?.type !== 'weight-seen') throw new Error('no weight was seen')
  return seen
}

function seeSoak(drive: Drive, seen: number, figures = goodFigures) {
  return drive.say({ type: 'record-soak', phase: drive.state.phase, of: 'soak', observed: seen, figures })
}

describe('a weight that somebody else set', () => {
  it('stands for the first phase that allows as much', () => {
    const phases = [0, 1, 5, 6, 20, 50, 51, 100].map((weight) => phaseAt(spec, weight)?.number)
    expect(phases).toEqual([undefined, 1, 1, 2, 2, 3, 4, 4])
  })

  it('is objected to for its missing sign-offs, by role', () => {
    const drive = observed()
    approve(drive, 'sre')
    const { objections, phase } = weightSeen(seeWeight(drive, 5).events)
    expect(phase).toBe(1)
    expect(objections).toEqual([{ why: 'sign-offs', roles: ['commander'] }])
  })

  it('is allowed when every role had signed this phase', () => {
    const drive = observed()
    sign(drive)
    expect(drive.state.stage).toBe('observing')
    expect(weightSeen(seeWeight(drive, 5).events).objections).toEqual([])
    expect(drive.state).toMatchObject({ weight: 5, phase: 1, phases: [{ signOffs: [{}, {}] }] })
  })

  it('has sign-offs that can no longer be withdrawn when every role has signed, and says what can be done', () => {
    const drive = observed()
    sign(drive)
    const request = drive.state.request?.id ?? 0
    const { refusal } = drive.say({ type: 'withdraw', request }, holderOf('sre'))
    expect(refusal?.code).toBe('quorum-met')
    expect(refusal && refusalText(refusal)).toMatch(/until then\. Have the request cancelled\. Nothing moves by it: /)
    const roles = { roles: [spec.decides], holders: [] }
    expect(types(drive.say({ type: 'cancel', request, ...roles }).events)).toEqual(['sign-off-cancelled'])
  })

  it('is objected to for a soak that was not full, phases left out, a wrong image and blindness', () => {
    const drive = observed()
    sign(drive)
    seeWeight(drive, 5)
    drive.say({ type: 'record-blind', metrics: [{ metric: 'p95', reason: 'empty' }] })
    const { objections } = weightSeen(seeWeight(drive, 50, 10 * minute, 'registry.example.com/other:1').events)
    expect(objections).toEqual([
      { why: 'image', found: 'registry.example.com/other:1', expected: spec.image },
      { why: 'sign-offs', roles: ['devops', 'sre'] },
      { why: 'phases-left-out', phases: [2] },
      { why: 'soak', phase: 1, observed: 10 * minute, wanted: 30 * minute },
      { why: 'blind' },
    ])
  })

  it('is objected to for targets that did not hold', () => {
    const drive = observed()
    sign(drive)
    seeWeight(drive, 5)
    seeSoak(drive, 30 * minute, badFigures)
    drive.say({ type: 'advance' })
    sign(drive)
    expect(weightSeen(seeWeight(drive, 20).events).objections).toEqual([{ why: 'targets', phase: 1 }])
  })

  it('has no objections within its phase, nor on the way back', () => {
    const drive = observed()
    seeWeight(drive, 20)
    for (const weight of [10, 15, 5]) expect(weightSeen(seeWeight(drive, weight).events).objections).toEqual([])
  })

  it('ends a request that is open: its plan said from which weight', () => {
    const drive = observed()
    const request = drive.state.request?.id ?? 0
    seeWeight(drive, 3)
    expect(drive.state.request).toBeUndefined()
    expect(drive.state.decided).toMatchObject([{ id: request, how: 'ended' }])
    expect(types(drive.say({ type: 'advance' }).events)).toEqual(['sign-off-requested'])
    expect(drive.state.request).toMatchObject({ phase: 2 })
  })

  it('is seen once', () => {
    const drive = observed()
    seeWeight(drive, 5)
    expect(seeWeight(drive, 5).events).toEqual([])
  })
})

describe('a breach', () => {
  it('is told once, its end too, and a second one again', () => {
    const drive = observed()
    seeWeight(drive, 5)
    const at = drive.now
    expect(types(drive.say(breach).events)).toEqual(['breach-seen'])
    expect(drive.say(breach).events).toEqual([])
    drive.wait(minute)
    const recovered = { type: 'record-recovered', metric: evidence.metric, since: drive.now } as const
    expect(types(drive.say(recovered).events)).toEqual(['breach-over'])
    expect(drive.say(recovered).events).toEqual([])
    expect(drive.say(breach).events).toMatchObject([{ type: 'breach-seen', number: 2 }])
    expect(drive.state.observation?.wouldRollBack).toEqual({ at, metric: evidence.metric })
    expect(drive.state).toMatchObject({ stage: 'observing', weight: 5, pages: [] })
  })

  it('would have been the end: no later step is allowed, no soak is full', () => {
    const drive = observed()
    sign(drive)
    seeWeight(drive, 5)
    drive.say(breach)
    const at = drive.now
    expect(seeSoak(drive, 30 * minute).events).toEqual([])
    drive.say({ type: 'advance' })
    sign(drive)
    expect(weightSeen(seeWeight(drive, 20).events).objections).toEqual([{ why: 'rolled-back', at }])
  })
})

describe('an observation ends', () => {
  it('when the canary has no traffic any more', () => {
    const drive = observed()
    seeWeight(drive, 5)
    expect(types(seeWeight(drive, 0).events)).toEqual(['weight-seen', 'observation-ended'])
    expect(drive.state).toMatchObject({ stage: 'observed', weight: 0, observation: { ended: { how: 'taken-back' } } })
    expect(holdsService(drive.state)).toBe(false)
  })

  it('when the new version has everything, after the last soak and the rollback window', () => {
    const drive = observed()
    seeWeight(drive, 100)
    expect(types(seeSoak(drive, 15 * minute).events)).toEqual(['soak-seen'])
    drive.wait(44 * minute)
    expect(seeWeight(drive, 100).events).toEqual([])
    drive.wait(minute)
    expect(types(seeWeight(drive, 100).events)).toEqual(['observation-ended'])
    expect(drive.state.observation?.ended?.how).toBe('released')
  })

  it('by the time since it got everything, not since the phase began', () => {
    const drive = observed()
    seeWeight(drive, 60)
    drive.wait(45 * minute)
    expect(types(seeWeight(drive, 100).events)).toEqual(['weight-seen'])
    expect(seeWeight(drive, 100).events).toEqual([])
  })

  it('not while the canary has a part, however long that is', () => {
    const drive = observed()
    seeWeight(drive, 60)
    drive.wait(24 * 60 * minute)
    expect(seeWeight(drive, 60).events).toEqual([])
  })

  it('when somebody stops it, at any weight', () => {
    const drive = observed()
    seeWeight(drive, 50)
    drive.say({ type: 'abort', reason: '' }, holderOf('sre'))
    expect(drive.state).toMatchObject({ stage: 'observed', weight: 50, observation: { ended: { how: 'stopped' } } })
    expect(drive.say({ type: 'roll-back', reason: '', forced: true }).refusal?.code).toBe('rollout-over')
  })
})

describe('practice', () => {
  it('asks for phase 1 at once, and lets every role sign without moving anything', () => {
    const drive = observed()
    expect(drive.state.request).toMatchObject({ phase: 1 })
    sign(drive)
    expect(types(drive.events)).not.toContain('phase-started')
    expect(drive.state).toMatchObject({ weight: 0, phase: 0 })
  })

  it('keeps what every role has signed; what is not signed in time expires', () => {
    const [signed, open] = [observed(), observed()]
    sign(signed)
    for (const drive of [signed, open]) {
      drive.wait(31 * minute)
      drive.say({ type: 'tick', unreachableSince: null })
    }
    expect(signed.state.request).toBeDefined()
    expect(types(open.events).at(-1)).toBe('sign-off-expired')
  })
})

it('a release that nobody had announced is followed from its first sight', () => {
  const drive = found(20)
  expect(types(drive.events)).toEqual(['rollout-started', 'tracks-seen', 'weight-seen'])
  expect(drive.state).toMatchObject({ stage: 'observing', weight: 20, phase: 2, parts: { stable: 'blue' } })
  expect(weightSeen(drive.events).objections).toEqual([
    { why: 'sign-offs', roles: ['technical-lead', 'sre'] },
    { why: 'phases-left-out', phases: [1] },
  ])
})

it('what would page is told, once', () => {
  const drive = observed()
  seeWeight(drive, 5)
  drive.say({ type: 'record-blind', metrics: [{ metric: 'p95', reason: 'empty' }] })
  drive.wait(16 * minute)
  expect(types(drive.say({ type: 'tick', unreachableSince: null }).events)).toEqual(['page-withheld'])
  expect(drive.say({ type: 'tick', unreachableSince: null }).events).toEqual([])
})

describe('random courses of an observed rollout', () => {
  /** All that may ever happen in one: none of these orders a job, opens an incident or writes. */
  const harmless: readonly EventType[] = [
    'rollout-started',
    'handed-over',
    'tracks-seen',
    'weight-seen',
    'soak-seen',
    'breach-seen',
    'breach-over',
    'page-withheld',
    'observation-ended',
    'sign-off-requested',
    'signed-off',
    'sign-off-rejected',
    'sign-off-cancelled',
    'sign-off-nudged',
    'sign-off-withdrawn',
    'sign-off-expired',
    'went-blind',
    'sight-regained',
    'slack-lost',
    'slack-back',
  ]
  function always(holds: (drive: Drive) => void): void {
    fc.assert(
      fc.property(course, (c) => holds(play(c, observedSpec))),
      { numRuns: 300 },
    )
  }

  it('are worth their name: they reach every kind of event, and no other', () => {
    const reached = new Set<EventType>()
    for (const c of fc.sample(course, { seed: 52, numRuns: 1_000 }))
      for (const e of play(c, observedSpec).events) reached.add(e.type)
    expect([...reached].toSorted()).toEqual(harmless.toSorted())
  })

  it('order no job, open no incident, and know of no rollback', () => {
    always(({ taken, events }) => {
      for (const { jobs, after } of taken) {
        expect(jobs).toEqual([])
        if (after === null) continue
        expect(dueJobs(after)).toEqual([])
        expect(after).toMatchObject({ pages: [], cleanUp: 'none' })
        expect(after.rollback).toBeUndefined()
        expect(['observing', 'observed']).toContain(after.stage)
      }
      let state: State | null = null
      for (const event of events) {
        state = evolve(state, event)
        expect(pageActions(event, state)).toEqual([])
      }
    })
  })

  it('have the weight that was seen last', () => {
    always(({ state, events }) => {
      const last = events.findLast((e) => e.type === 'weight-seen')
      expect(state.weight).toBe(last?.weight ?? 0)
    })
  })

  it('refuse every rollback', () => {
    always(({ taken }) => {
      for (const { command, before, refusal } of taken)
        if (command.type === 'roll-back' && before !== null && !before.commands.has(command.id))
          expect(refusal?.code).toBe(before.stage === 'observed' ? 'rollout-over' : 'observes-only')
    })
  })

  it('are kept through JSON, and fold to the same state', () => {
    always(({ events, state }) => {
      const kept = events.map((e) => parseEvent(JSON.parse(JSON.stringify(e))))
      expect(kept.reduce<State | null>(evolve, null)).toEqual(state)
    })
  })
})

import { describe, expect, it } from 'vitest'
import { dueJobs, effects, type Job, type StepJob } from '../../src/rollout/effects.ts'
import { holdsService } from '../../src/rollout/state.ts'
import { rollout, service } from './drive.ts'
import { at, type DrivenStage, fail, noDrift, restore, rollBack, sight, sign, stages } from './ways.ts'

const failure = { type: 'record-step-failed', phase: 1, code: 'x', what: 'w', todo: 't' } as const

/** What each stage waits for: a job, or a person, time or the watch. */
const due: { readonly [S in DrivenStage]: StepJob | null } = {
  preparing: 'prepare',
  'awaiting-sign-off': 'recheck',
  shifting: 'shift',
  soaking: null,
  soaked: null,
  waiting: null,
  released: null,
  complete: 'clean-up',
  'rolling-back': 'roll-back',
  'rollback-failed': 'roll-back',
  'rolled-back': 'clean-up',
}

function names(jobs: readonly Job[]): readonly StepJob[] {
  return jobs.map((j) => j.name)
}

for (const stage of stages)
  it(`${due[stage] ?? 'no job'} is due while ${stage}, and what led there started it`, () => {
    const drive = at(stage)
    const jobs = dueJobs(drive.state)
    expect(names(jobs)).toEqual(due[stage] === null ? [] : [due[stage]])
    const known = drive.taken.flatMap((t) => t.jobs)
    for (const job of jobs) {
      expect(known).toContainEqual(job)
      expect(job).toMatchObject({ service, rollout })
    }
  })

describe('an order', () => {
  it('carries the version of its event, whatever happens meanwhile', () => {
    const drive = at('shifting')
    const order = drive.events.find((e) => e.type === 'phase-started')?.version
    drive.say({ type: 'record-canary-ready', phase: 1, replicas: 1, ms: 1 })
    expect(dueJobs(drive.state)).toEqual([{ name: 'shift', service, rollout, order }])
    const ordered = rollBack(drive).events[0]?.version
    fail(drive)
    fail(drive, 'cluster-unreachable')
    expect(dueJobs(drive.state)).toEqual([{ name: 'roll-back', service, rollout, order: ordered }])
  })

  it('is a new one when forced', () => {
    const drive = at('rolling-back')
    const [first] = dueJobs(drive.state)
    const [second] = rollBack(drive, true).jobs
    expect(second?.order).toBeGreaterThan(first?.order ?? 0)
    expect(dueJobs(drive.state)).toEqual([second])
  })
})

describe('a shift that gave up because of', () => {
  const ways = [
    [{ type: 'record-blind', metrics: [{ metric: 'p95', reason: 'empty' }] }, sight],
    [{ type: 'record-drift', what: 'weights', manager: 'kubectl' }, noDrift],
  ] as const
  for (const [closing, opening] of ways)
    it(`${closing.type.slice('record-'.length)} is started again by ${opening.name}, as the same order`, () => {
      const drive = at('shifting')
      const due = dueJobs(drive.state)
      drive.say(closing)
      expect(drive.say(opening(drive)).jobs).toEqual(due)
    })
})

describe('a failed step', () => {
  for (const [stage, step] of [
    ['preparing', 'prepare'],
    ['shifting', 'shift'],
  ] as const)
    it(`(${step}) is due again only when a person says so, as the same order`, () => {
      const drive = at(stage)
      const before = dueJobs(drive.state)
      drive.say({ ...failure, step })
      expect(drive.state.failure).toMatchObject({ step })
      expect(dueJobs(drive.state)).toEqual([])
      expect(drive.say({ ...failure, step }).events).toEqual([])
      expect(drive.say({ type: 'retry' }).jobs).toEqual(before)
      expect(drive.state).not.toHaveProperty('failure')
    })

  it('of another step or phase is nothing', () => {
    const drive = at('shifting')
    expect(drive.say({ ...failure, step: 'prepare' }).events).toEqual([])
    expect(drive.say({ ...failure, step: 'shift', phase: 2 }).events).toEqual([])
    expect(at('soaking').say({ ...failure, step: 'shift' }).events).toEqual([])
  })

  it('does not keep a rollback from being due', () => {
    const drive = at('shifting')
    drive.say({ ...failure, step: 'shift' })
    expect(names(rollBack(drive).jobs)).toEqual(['roll-back'])
  })
})

describe('a clean-up', () => {
  it('that is held waits for a person, and is due again when ordered', () => {
    const drive = at('complete')
    drive.say({ type: 'record-clean-up-held', track: 'blue', why: 'requests unknown', order: 'due' })
    expect(drive.state.cleanUp).toBe('held')
    expect(dueJobs(drive.state)).toEqual([])
    expect(names(drive.say({ type: 'finish' }).jobs)).toEqual(['clean-up'])
    expect(drive.say({ type: 'record-clean-up-held', track: 'blue', why: 'again', order: 'due' }).events).toEqual([])
    drive.say({ type: 'record-cleaned-up', track: 'blue' })
    expect(dueJobs(drive.state)).toEqual([])
    expect(drive.say({ type: 'record-cleaned-up', track: 'blue' }).events).toEqual([])
  })

  it('keeps the service until it is done', () => {
    for (const stage of ['complete', 'rolled-back'] as const) {
      const drive = at(stage)
      expect(holdsService(drive.state)).toBe(true)
      drive.say({ type: 'record-cleaned-up', track: 'green' })
      expect(holdsService(drive.state)).toBe(false)
    }
  })

  it('is never due while anything may still need the pods', () => {
    for (const stage of stages.filter((s) => s !== 'complete' && s !== 'rolled-back')) {
      const drive = at(stage)
      drive.say({ type: 'record-cleaned-up', track: 'green' })
      drive.say({ type: 'record-clean-up-held', track: 'green', why: 'early', order: 'due' })
      drive.say({ type: 'record-traffic-verified', track: 'blue' })
      expect(drive.state.cleanUp).toBe('none')
    }
  })
})

it('starts jobs for what orders work, and for nothing else', () => {
  const drive = at('awaiting-sign-off')
  sign(drive)
  drive.say({ type: 'record-blind', metrics: [{ metric: 'p95', reason: 'empty' }] })
  rollBack(drive)
  restore(drive)
  drive.say({ type: 'record-traffic-verified', track: 'blue' })
  const starting = drive.events.filter((e) => effects(e, drive.state).length > 0).map((e) => e.type)
  expect(starting).toEqual([
    'rollout-started',
    'sign-off-requested',
    'phase-started',
    'rollback-ordered',
    'weights-restored',
  ])
})

describe('readiness', () => {
  const recheck = (request: number) => ({ type: 'record-recheck', request, judgement: 'ready', changes: [] }) as const

  it('is checked again for each request, once, and holds nothing up', () => {
    const drive = at('soaked')
    const asked = drive.say({ type: 'advance' })
    const [event] = asked.events
    expect(asked.jobs).toEqual([{ name: 'recheck', service, rollout, order: event?.version }])
    const told = drive.say(recheck(event?.version ?? 0))
    expect(told.events).toMatchObject([{ type: 'readiness-rechecked', phase: 2, request: event?.version }])
    expect(dueJobs(drive.state)).toEqual([])
    expect(drive.say(recheck(event?.version ?? 0)).events).toEqual([])
  })

  it('that comes after the request is over is not told', () => {
    const drive = at('awaiting-sign-off')
    const request = drive.state.request?.id ?? 0
    sign(drive)
    expect(drive.state.stage).toBe('shifting')
    expect(drive.say(recheck(request)).events).toEqual([])
    expect(names(dueJobs(drive.state))).toEqual(['shift'])
  })
})

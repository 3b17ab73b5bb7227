import { describe, expect, it } from 'vitest'
import { dueJobs } from '../../src/rollout/effects.ts'
import { pageActions } from '../../src/rollout/pages.ts'
import { isOver } from '../../src/rollout/state.ts'
import { createDrive, holderOf, requester, service, types } from './drive.ts'
import { at, evidence, fail, prepare, restore, rollBack, soak, stages, started } from './ways.ts'

describe('a person’s rollback', () => {
  for (const stage of stages.filter((s) => s !== 'complete' && s !== 'rolled-back'))
    it(`is legal while ${stage}`, () => {
      const drive = at(stage)
      const underWay = drive.state.rollback !== undefined
      const { events, jobs, after } = rollBack(drive, underWay)
      expect(types(events)).toEqual(['rollback-ordered'])
      expect(after?.stage).toBe('rolling-back')
      expect(jobs.map((j) => [j.name, j.order])).toEqual([['roll-back', after?.version]])
    })

  it('is legal while paused, blind, adrift and failed all at once', () => {
    const drive = at('shifting')
    drive.say({ type: 'pause', reason: '' })
    drive.say({ type: 'record-blind', metrics: [{ metric: 'p95', reason: 'empty' }] })
    drive.say({ type: 'record-drift', what: 'weights', manager: 'kubectl' })
    drive.say({ type: 'record-step-failed', step: 'shift', phase: 1, code: 'x', what: 'w', todo: 't' })
    expect(rollBack(drive).jobs.map((j) => j.name)).toEqual(['roll-back'])
    restore(drive)
    expect(drive.state.stage).toBe('rolled-back')
    expect(drive.state).not.toHaveProperty('paused')
    expect(drive.state).not.toHaveProperty('blind')
    expect(drive.state).not.toHaveProperty('drift')
  })

  it('needs no role', () => {
    const nobody = { id: 'U000NOBODY', name: 'Nobody', via: 'slack' } as const
    const drive = at('soaking')
    drive.say({ type: 'roll-back', reason: '', forced: false }, nobody)
    expect(drive.state.rollback).toMatchObject({ cause: 'person', by: nobody })
  })

  it('is refused after complete', () => {
    expect(rollBack(at('complete'), true).refusal).toEqual({ code: 'rollout-over', detail: { stage: 'complete' } })
  })

  it('with force overtakes a person’s that holds, with a fence of its own, once', () => {
    const drive = at('rolling-back')
    const first = drive.state.rollback?.version ?? 0
    expect(rollBack(drive, false).refusal?.code).toBe('already-rolling-back')
    expect(types(rollBack(drive, true).events)).toEqual(['rollback-ordered'])
    expect(drive.state.rollback).toMatchObject({ forced: true, version: first + 1 })
    expect(rollBack(drive, true).refusal?.code).toBe('already-rolling-back')
  })

  it('with force overtakes an automatic one that holds because stable has no ready pod', () => {
    const drive = at('soaking')
    drive.say({ type: 'record-breach', evidence })
    fail(drive, 'stable-not-ready')
    expect(types(rollBack(drive, true).events)).toEqual(['rollback-ordered'])
    expect(drive.state.rollback).toMatchObject({ cause: 'person', forced: true })
  })

  it('ends an open request, a decision and a failure', () => {
    const request = at('awaiting-sign-off')
    rollBack(request)
    expect(request.state).not.toHaveProperty('request')
    expect(request.state.decided).toEqual([expect.objectContaining({ how: 'ended', by: requester.name })])
    const decision = at('waiting')
    rollBack(decision)
    expect(decision.state).not.toHaveProperty('decision')
  })
})

describe('a breach', () => {
  for (const stage of ['soaking', 'soaked', 'waiting', 'released'] as const)
    it(`rolls back by itself while ${stage}`, () => {
      const drive = at(stage)
      const { events, jobs } = drive.say({ type: 'record-breach', evidence })
      expect(types(events)).toEqual(['breach-confirmed', 'rollback-ordered'])
      expect(drive.state.rollback).toMatchObject({ cause: 'breach', by: { id: 'slipway' } })
      expect(drive.state.breaches).toEqual([{ number: 1, at: drive.now, evidence }])
      expect(jobs.map((j) => [j.name, j.order])).toEqual([['roll-back', drive.state.version]])
    })

  it('rolls back while paused, and while the first phase shifts', () => {
    const paused = at('soaking')
    paused.say({ type: 'pause', reason: '' })
    paused.say({ type: 'record-breach', evidence })
    expect(paused.state.stage).toBe('rolling-back')
    const shifting = at('shifting')
    shifting.say({ type: 'record-breach', evidence })
    expect(shifting.state.stage).toBe('rolling-back')
  })

  it('rolls back while the next phase is being signed', () => {
    const drive = at('soaked')
    drive.say({ type: 'advance' })
    drive.say({ type: 'record-breach', evidence })
    expect(drive.state.stage).toBe('rolling-back')
  })

  it('means nothing before the canary has traffic, after the end, and a second time', () => {
    for (const stage of ['preparing', 'awaiting-sign-off', 'rolling-back', 'rolled-back', 'complete'] as const)
      expect(at(stage).say({ type: 'record-breach', evidence }).events).toEqual([])
  })
})

describe('the weights', () => {
  it('when restored end the rollback: all on stable, clean-up due', () => {
    const drive = at('rolling-back')
    const { events, jobs } = restore(drive)
    expect(types(events)).toEqual(['weights-restored'])
    expect(drive.state).toMatchObject({ stage: 'rolled-back', weight: 0, cleanUp: 'due' })
    expect(drive.state.rollback?.restoredAt).toBe(drive.now)
    expect(jobs.map((j) => j.name)).toEqual(['clean-up'])
    expect(restore(drive).events).toEqual([])
  })

  it('need no clean-up where nothing was prepared', () => {
    const drive = started()
    rollBack(drive)
    restore(drive)
    expect(drive.state.cleanUp).toBe('done')
    expect(dueJobs(drive.state)).toEqual([])
    expect(prepare(drive).events).toEqual([])
  })

  it('are not restored without an order', () => {
    expect(restore(at('soaking')).events).toEqual([])
  })
})

describe('a failed attempt', () => {
  it('is told once for each kind of failure and stays due', () => {
    const drive = at('rolling-back')
    expect(types(fail(drive).events)).toEqual(['rollback-attempt-failed'])
    expect(fail(drive).events).toEqual([])
    expect(fail(drive, 'cluster-unreachable').events).toMatchObject([{ attempt: 2 }])
    expect(drive.state.stage).toBe('rollback-failed')
    expect(dueJobs(drive.state).map((j) => j.name)).toEqual(['roll-back'])
    restore(drive)
    expect(drive.state.stage).toBe('rolled-back')
    expect(fail(drive, 'cluster-refused').events).toEqual([])
  })
})

describe('break-glass', () => {
  const commander = { ...holderOf('commander'), via: 'break-glass' } as const
  const glass = { type: 'record-break-glass', forced: true, reason: 'by hand', from: 5, steps: [] } as const

  it('is recorded: who, why and when, with the weights', () => {
    const drive = at('soaking')
    const restoredAt = drive.now - 90_000
    const { events } = drive.say({ ...glass, cause: 'break-glass', restoredAt }, commander)
    expect(types(events)).toEqual(['rollback-ordered', 'weights-restored'])
    const by = commander
    expect(drive.state.rollback).toMatchObject({ cause: 'break-glass', reason: 'by hand', by, restoredAt })
    expect(drive.state).toMatchObject({ stage: 'rolled-back', weight: 0 })
  })

  it('with a breach’s evidence is recorded as a breach', () => {
    const drive = at('soaking')
    const { events } = drive.say({ ...glass, cause: 'breach', evidence, restoredAt: drive.now })
    expect(types(events)).toEqual(['breach-confirmed', 'rollback-ordered', 'weights-restored'])
    expect(drive.state.recovery).toBe('watched')
  })

  it('of a breach whose evidence is not known yet opens its incident; evidence that comes later opens no other', () => {
    const drive = at('soaking')
    const restoredAt = drive.now
    const { events } = drive.say({ ...glass, cause: 'breach', reason: 'p95 over its limit', restoredAt })
    expect(events).toMatchObject([
      { type: 'rollback-ordered', cause: 'breach', withoutEvidence: true },
      { type: 'weights-restored' },
    ])
    const pages = [{ key: `${service}/1/breach/1`, cause: 'breach', link: null }]
    expect(drive.state).toMatchObject({ stage: 'rolled-back', recovery: 'watched', pages })
    const later = drive.say({ ...glass, cause: 'breach', evidence, restoredAt })
    expect(later.events).toMatchObject([{ type: 'breach-confirmed', number: 1 }])
    expect(drive.state).toMatchObject({ recovery: 'watched', pages })
    expect(later.events.flatMap((event) => pageActions(event, drive.state))).toEqual([])
  })

  it('ends a rollback that was under way, also one that failed', () => {
    for (const stage of ['rolling-back', 'rollback-failed'] as const) {
      const drive = at(stage)
      const { events } = drive.say({ ...glass, cause: 'break-glass', restoredAt: drive.now }, commander)
      expect(types(events)).toEqual(['weights-restored'])
      expect(isOver(drive.state)).toBe(true)
    }
  })

  it('for a breach that nobody was called for yet tells it beside a person’s order, before its end and after', () => {
    const ordered = at('rolling-back')
    const breach = { ...glass, cause: 'breach', evidence, link: 'https://example.pagerduty.com/incidents/1' } as const
    const restoredAt = ordered.now
    const told = ['breach-confirmed', 'page-sent']
    expect(types(ordered.say({ ...breach, restoredAt }).events)).toEqual([...told, 'weights-restored'])
    const over = at('rolled-back')
    expect(types(over.say({ ...breach, restoredAt }).events)).toEqual(told)
    expect(types(over.say({ ...breach, restoredAt }).events)).toEqual([])
    for (const { state } of [ordered, over]) expect(state).toMatchObject({ stage: 'rolled-back', recovery: 'watched' })
  })

  it('that could not be done for a breach is told, too, once, beside the order that is there', () => {
    const undone = { what: 'The cluster refused it.', todo: 'Give it the right.' }
    const breach = (number: number) =>
      ({ type: 'record-breach', evidence, alone: { key: `${service}/1/breach/${number}`, undone } }) as const
    for (const drive of [at('rolling-back'), at('rolled-back')]) {
      expect(drive.say({ type: 'record-breach', evidence }).events).toEqual([])
      expect(drive.say(breach(1)).events).toMatchObject([{ type: 'breach-confirmed', number: 1, undone }])
      expect(drive.say(breach(1)).events).toEqual([])
      expect(drive.say(breach(2)).events).toMatchObject([{ type: 'breach-confirmed', number: 2, undone }])
    }
    expect(at('complete').say(breach(1)).events).toEqual([])
  })

  it('is recorded once', () => {
    const drive = at('soaking')
    drive.say({ ...glass, cause: 'break-glass', restoredAt: drive.now }, commander)
    expect(drive.say({ ...glass, cause: 'break-glass', restoredAt: drive.now }, commander).events).toEqual([])
  })
})

it('lets nothing move forward again', () => {
  const drive = at('rolled-back')
  const { version } = drive.state
  prepare(drive)
  drive.say({ type: 'advance' })
  drive.say({ type: 'record-shifted', phase: 1, from: 0, weight: 5, steps: [] })
  soak(drive)
  expect(drive.state.version).toBe(version)
  expect(createDrive(drive.events).state).toEqual(drive.state)
})

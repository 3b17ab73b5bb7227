import { describe, expect, it } from 'vitest'
import { dueJobs } from '../../src/rollout/effects.ts'
import { threadText } from '../../src/slack/texts.ts'
import { type Drive, requester, rollout, types } from './drive.ts'
import { at, fail, parts, restore, rollBack, shift, started } from './ways.ts'

const abort = (drive: Drive) => drive.say({ type: 'abort', reason: 'not tonight' })

describe('aborting', () => {
  it.each(['preparing', 'awaiting-sign-off', 'shifting'] as const)('ends a rollout that is %s', (stage) => {
    const drive = at(stage)
    const { events, jobs } = abort(drive)
    expect(events).toMatchObject([
      { type: 'rollback-ordered', cause: 'abort', forced: false, reason: 'not tonight', by: requester },
    ])
    expect(jobs.map((j) => j.name)).toEqual(['roll-back'])
    expect(drive.state).not.toHaveProperty('request')
    restore(drive)
    expect(drive.state).toMatchObject({ stage: 'rolled-back', weight: 0 })
  })

  it('scales down only what this rollout has touched', () => {
    const before = at('awaiting-sign-off')
    abort(before)
    restore(before)
    expect(before.state.cleanUp).toBe('done')
    const sized = at('shifting')
    abort(sized)
    restore(sized)
    expect(sized.state.cleanUp).toBe('due')
  })

  it('ends one that is stuck, paused or adrift', () => {
    const stuck = started()
    stuck.say({ type: 'record-step-failed', step: 'prepare', phase: 0, code: 'x', what: 'w', todo: 't' })
    const paused = at('awaiting-sign-off')
    paused.say({ type: 'pause', reason: '' })
    paused.say({ type: 'record-drift', what: 'size', manager: 'kubectl' })
    for (const drive of [stuck, paused]) {
      abort(drive)
      expect(dueJobs(drive.state).map((j) => j.name)).toEqual(['roll-back'])
      restore(drive)
      for (const gone of ['failure', 'paused', 'drift']) expect(drive.state).not.toHaveProperty(gone)
    }
  })

  it('is refused once the canary has traffic, or is about to', () => {
    for (const stage of ['soaking', 'soaked', 'waiting', 'released'] as const)
      expect(abort(at(stage)).refusal?.code).toBe('traffic-already')
    const ready = at('shifting')
    ready.say({ type: 'record-canary-ready', phase: 1, replicas: 1, ms: 1 })
    expect(abort(ready).refusal).toEqual({ code: 'traffic-already', detail: { weight: 0 } })
  })

  it('is refused when the rollout goes back already, or is over', () => {
    expect(abort(at('rolling-back')).refusal?.code).toBe('already-rolling-back')
    expect(abort(at('complete')).refusal?.code).toBe('rollout-over')
  })

  it('is overtaken by a forced rollback, and by no other', () => {
    const drive = at('shifting')
    abort(drive)
    expect(rollBack(drive).refusal?.code).toBe('already-rolling-back')
    expect(types(rollBack(drive, true).events)).toEqual(['rollback-ordered'])
    expect(drive.state.rollback).toMatchObject({ cause: 'person', forced: true })
  })

  describe('that fails at first', () => {
    const attempts = ({ events }: Drive) => events.flatMap((e) => (e.type === 'rollback-attempt-failed' ? [e] : []))

    it.each(['preparing', 'awaiting-sign-off', 'shifting'] as const)('calls nobody for one that is %s', (stage) => {
      const drive = at(stage)
      abort(drive)
      fail(drive)
      fail(drive, 'cluster-unreachable')
      expect(drive.state).toMatchObject({ stage: 'rollback-failed', pages: [] })
      const [failed] = attempts(drive)
      const told = failed && threadText(failed, drive.state)?.text
      expect(told).toMatch(/^\*ROLLBACK NOT DONE\. The canary has had no traffic\.\* .* Trying again every 10 s\.$/)
      restore(drive)
      expect(drive.state).toMatchObject({ stage: 'rolled-back', recovery: 'none' })
    })

    it('calls somebody where somebody else may have given the canary traffic', () => {
      const drive = at('awaiting-sign-off')
      drive.say({ type: 'record-drift', what: 'the canary gets 20 %, expected 0 %', manager: 'kubectl' })
      abort(drive)
      fail(drive)
      expect(drive.state.pages).toMatchObject([{ cause: 'rollback-failed' }])
    })

    it('calls somebody where the end of the record is lost', () => {
      const drive = at('preparing')
      abort(drive)
      fail(drive)
      drive.say({ ...parts, type: 'record-newer-fence', weight: 5, fence: { rollout, version: 99 } })
      fail(drive, 'cluster-unreachable')
      expect(drive.state.pages).toMatchObject([{ cause: 'record-lost' }, { cause: 'rollback-failed' }])
    })

    it('calls somebody where a person forces it', () => {
      const drive = at('shifting')
      abort(drive)
      fail(drive)
      rollBack(drive, true)
      fail(drive)
      expect(drive.state.pages).toMatchObject([{ cause: 'rollback-failed' }])
      expect(attempts(drive)).toMatchObject([{ attempt: 0 }, { attempt: 1 }])
    })
  })

  it('takes nothing forward that was under way', () => {
    const drive = at('shifting')
    abort(drive)
    expect(shift(drive).events).toEqual([])
    expect(types(fail(drive).events)).toEqual(['rollback-attempt-failed'])
    expect(drive.state.weight).toBe(0)
  })
})

import { describe, expect, it } from 'vitest'
import { dueJobs } from '../../src/rollout/effects.ts'
import { type Drive, types } from './drive.ts'
import { at, evidence, noDrift, rollBack, sign } from './ways.ts'

const drift = { type: 'record-drift', what: 'the canary gets 40 %, expected 5 %', manager: 'kubectl-edit' } as const

/** In a stage, with somebody else's change of the cluster. */
function adrift(stage: Parameters<typeof at>[0]): Drive {
  const drive = at(stage)
  drive.say(drift)
  return drive
}

describe('taking over', () => {
  it('orders one job, under the version of the order', () => {
    const drive = adrift('soaking')
    const { events, jobs } = drive.say({ type: 'take-over' })
    expect(events).toMatchObject([{ type: 'taken-over', what: drift.what }])
    expect(jobs.map((j) => [j.name, j.order])).toEqual([['take-over', drive.state.version]])
    expect(drive.state.drift?.takenOver).toBe(drive.state.version)
    expect(drive.say({ type: 'take-over' }).events).toEqual([])
  })

  it('goes on holding until the change is gone', () => {
    const drive = adrift('awaiting-sign-off')
    drive.say({ type: 'take-over' })
    sign(drive)
    expect(drive.state.stage).toBe('awaiting-sign-off')
    const { events, jobs } = drive.say(noDrift(drive))
    expect(types(events)).toEqual(['drift-gone', 'phase-started'])
    expect(jobs.map((j) => j.name)).toContain('shift')
  })

  it('in a shift: the shift goes on afterwards, under a fence that its own writing-over has not outdone', () => {
    const drive = adrift('shifting')
    const before = drive.state.phaseVersion
    drive.say({ type: 'take-over' })
    const order = drive.state.version
    expect(dueJobs(drive.state).map((j) => j.name)).toEqual(['take-over'])
    const { jobs } = drive.say(noDrift(drive))
    expect(jobs.map((j) => [j.name, j.order])).toEqual([['shift', order]])
    expect(order).toBeGreaterThan(before)
  })

  it('is for the change that was shown: another one is told, and waits for another order', () => {
    const drive = adrift('soaking')
    drive.say({ type: 'take-over' })
    const other = { type: 'record-drift', what: 'blue has size 3, expected 10', manager: 'kubectl' } as const
    expect(types(drive.say(other).events)).toEqual(['drift-found'])
    expect(dueJobs(drive.state)).toEqual([])
    expect(types(drive.say({ type: 'take-over' }).events)).toEqual(['taken-over'])
  })

  it('keeps a size above Slipway’s own, for those pods may serve', () => {
    const drive = at('soaking')
    const larger = { track: 'green', replicas: 4 } as const
    drive.say({ type: 'record-drift', what: 'green has size 4, expected 1', manager: 'kubectl', larger })
    expect(drive.state.keptSizes).toEqual({})
    drive.say({ type: 'take-over' })
    expect(drive.state.keptSizes).toEqual({ green: 4 })
  })

  it('gives way to a rollback', () => {
    const drive = adrift('soaking')
    drive.say({ type: 'take-over' })
    rollBack(drive)
    expect(dueJobs(drive.state).map((j) => j.name)).toEqual(['roll-back'])
    expect(drive.say({ type: 'take-over' }).refusal?.code).toBe('already-rolling-back')
  })

  it('is refused where nobody else has changed anything, and at the end', () => {
    expect(at('soaking').say({ type: 'take-over' }).refusal?.code).toBe('not-possible-now')
    expect(at('complete').say({ type: 'take-over' }).refusal?.code).toBe('rollout-over')
  })
})

describe('traffic that somebody else gave the canary', () => {
  it('is rolled back by a breach, also before the first phase', () => {
    const drive = adrift('awaiting-sign-off')
    expect(drive.state.weight).toBe(0)
    expect(types(drive.say({ type: 'record-breach', evidence }).events)).toContain('rollback-ordered')
  })

  it('is the only traffic that can break a limit there', () => {
    expect(at('awaiting-sign-off').say({ type: 'record-breach', evidence }).events).toEqual([])
  })

  it('does not count as this phase’s soak', () => {
    const drive = adrift('soaking')
    const soak = { type: 'record-soak', phase: 1, of: 'soak', observed: 1e9, figures: [] } as const
    expect(drive.say(soak).events).toEqual([])
    drive.say(noDrift(drive))
    expect(types(drive.say(soak).events)).toEqual(['soak-passed'])
  })
})

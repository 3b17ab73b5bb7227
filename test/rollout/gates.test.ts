import { describe, expect, it } from 'vitest'
import { dueJobs } from '../../src/rollout/effects.ts'
import { spec, types } from './drive.ts'
import { approve, at, goodFigures, noDrift, prepare, shift, sight, sign, started } from './ways.ts'

const pause = { type: 'pause', reason: 'looking at it' } as const
const blind = { type: 'record-blind', metrics: [{ metric: 'p95', reason: 'empty: no data' }] } as const
const drift = { type: 'record-drift', what: 'weights 5 → 50', manager: 'kubectl' } as const

describe('a pause', () => {
  it('holds the rollout where it is, and resuming goes on there', () => {
    const drive = at('soaking')
    drive.say(pause)
    expect(drive.state).toMatchObject({ stage: 'soaking', weight: 5, paused: { reason: 'looking at it' } })
    drive.say({ type: 'resume' })
    expect(drive.state.stage).toBe('soaking')
    expect(drive.state).not.toHaveProperty('paused')
  })

  it('lets no soak pass and no rollout complete', () => {
    for (const stage of ['soaking', 'released'] as const) {
      const drive = at(stage)
      drive.say(pause)
      const soak = {
        type: 'record-soak',
        of: stage === 'released' ? 'window' : 'soak',
        phase: drive.state.phase,
        observed: 1e9,
        figures: goodFigures,
      } as const
      expect(drive.say(soak).events).toEqual([])
      drive.say({ type: 'resume' })
      drive.wait(spec.rollbackWindow)
      expect(drive.say(soak).events.length).toBeGreaterThan(0)
    }
  })

  it('lets people sign, and the phase that was signed meanwhile starts when it ends', () => {
    const drive = at('awaiting-sign-off')
    drive.say(pause)
    sign(drive)
    expect(drive.state.stage).toBe('awaiting-sign-off')
    expect(drive.state.request?.signOffs.map((s) => s.role)).toEqual(['commander', 'sre'])
    const { events, jobs } = drive.say({ type: 'resume' })
    expect(types(events)).toEqual(['resumed', 'phase-started'])
    expect(jobs.map((j) => [j.name, j.order])).toContainEqual(['shift', drive.state.version])
  })

  it('starts nothing at its end that was signed by half, or whose request expired meanwhile', () => {
    const half = at('awaiting-sign-off')
    half.say(pause)
    approve(half, 'sre')
    expect(types(half.say({ type: 'resume' }).events)).toEqual(['resumed'])
    const late = at('awaiting-sign-off')
    late.say(pause)
    sign(late)
    late.wait(spec.signOffExpires)
    expect(types(late.say({ type: 'resume' }).events)).toEqual(['resumed'])
    expect(types(late.say({ type: 'tick', unreachableSince: null }).events)).toEqual(['sign-off-expired'])
  })

  it('leaves no step due, and its end makes it due again under the same number', () => {
    for (const stage of ['preparing', 'shifting'] as const) {
      const drive = at(stage)
      const due = dueJobs(drive.state)
      drive.say(pause)
      expect(dueJobs(drive.state)).toEqual([])
      expect(drive.say({ type: 'resume' }).jobs).toEqual(due)
    }
  })

  it('takes the outcome of what was already under way', () => {
    const drive = at('shifting')
    drive.say(pause)
    shift(drive)
    expect(drive.state).toMatchObject({ stage: 'soaking', weight: 5 })
  })
})

describe('blindness', () => {
  it('closes the gate; sight opens it and starts what was signed meanwhile', () => {
    const drive = at('awaiting-sign-off')
    drive.say(blind)
    sign(drive)
    expect(drive.state.stage).toBe('awaiting-sign-off')
    expect(types(drive.say(sight(drive)).events)).toEqual(['sight-regained', 'phase-started'])
  })

  it('lets no soak pass', () => {
    const drive = at('soaking')
    drive.say(blind)
    const soak = { type: 'record-soak', of: 'soak', phase: 1, observed: 1e9, figures: goodFigures } as const
    expect(drive.say(soak).events).toEqual([])
  })

  it('is told when it changes, counts from its first moment, and pages once after pageAfter', () => {
    const drive = at('soaking')
    drive.say(blind)
    const since = drive.now
    expect(drive.say(blind).events).toEqual([])
    drive.wait(60_000)
    const more = [...blind.metrics, { metric: 'error-rate', reason: 'empty' }]
    expect(types(drive.say({ type: 'record-blind', metrics: more }).events)).toEqual(['went-blind'])
    expect(drive.state.blind).toEqual({ since, paged: false, metrics: more })
    drive.wait(spec.pageAfter - 60_001)
    expect(drive.say({ type: 'tick', unreachableSince: null }).events).toEqual([])
    drive.wait(1)
    expect(drive.say({ type: 'tick', unreachableSince: null }).events).toMatchObject([
      { type: 'blind-too-long', since },
    ])
    expect(drive.say({ type: 'tick', unreachableSince: null }).events).toEqual([])
    expect(drive.say(sight(drive)).events).toMatchObject([{ type: 'sight-regained', since }])
    expect(drive.say(sight(drive)).events).toEqual([])
  })
})

describe('drift', () => {
  it('closes the gate; its end opens it and starts what was signed meanwhile', () => {
    const drive = at('awaiting-sign-off')
    expect(types(drive.say(drift).events)).toEqual(['drift-found'])
    expect(drive.say(drift).events).toEqual([])
    sign(drive)
    expect(drive.state.stage).toBe('awaiting-sign-off')
    expect(types(drive.say(noDrift(drive)).events)).toEqual(['drift-gone', 'phase-started'])
    expect(drive.say(noDrift(drive)).events).toEqual([])
  })

  it('is not ended by a look from before it was found, by whoever stood still since', () => {
    const drive = at('soaking')
    drive.say(drift)
    const earlier = noDrift(drive)
    drive.say(earlier)
    drive.wait(1_000)
    drive.say({ ...drift, what: 'another change' })
    expect(drive.say(earlier).events).toEqual([])
    expect(types(drive.say(noDrift(drive)).events)).toEqual(['drift-gone'])
  })

  it('lets no soak pass', () => {
    const drive = at('soaking')
    drive.say(drift)
    const soak = { type: 'record-soak', of: 'soak', phase: 1, observed: 1e9, figures: goodFigures } as const
    expect(drive.say(soak).events).toEqual([])
  })
})

it('needs every reason gone that closes the gate', () => {
  const drive = started()
  prepare(drive)
  drive.say(pause)
  drive.say(blind)
  drive.say(drift)
  sign(drive)
  expect(types(drive.say({ type: 'resume' }).events)).toEqual(['resumed'])
  expect(types(drive.say(sight(drive)).events)).toEqual(['sight-regained'])
  expect(types(drive.say(noDrift(drive)).events)).toEqual(['drift-gone', 'phase-started'])
})

import { describe, expect, it } from 'vitest'
import { isOpen } from '../../src/rollout/state.ts'
import { type Drive, holderOf, spec, types } from './drive.ts'
import { approve, at, badFigures, evidence, restore, rollBack, shift, sign, soak } from './ways.ts'

const second = 1_000
const minute = 60_000

/** Ticks after `ms`; Slack has been away since `since`, or is there. */
function tick(drive: Drive, ms: number, since: number | null = null) {
  drive.wait(ms)
  return types(drive.say({ type: 'tick', unreachableSince: since }).events)
}

/** Slack has been away for 30 s, as the rollout knows. */
function silent(drive: Drive): number {
  const since = drive.now
  expect(tick(drive, 30 * second, since)).toEqual(['slack-lost'])
  return since
}

describe('Slack', () => {
  it('counts as lost after 30 s, told once', () => {
    const drive = at('soaking')
    const since = drive.now
    expect(tick(drive, 30 * second - 1, since)).toEqual([])
    expect(tick(drive, 1, since)).toEqual(['slack-lost'])
    expect(drive.state.silence).toMatchObject({ since, paged: false })
    expect(tick(drive, 10 * second, since)).toEqual([])
  })

  it('away for five minutes pages once; back again resolves it', () => {
    const drive = at('soaking')
    const since = silent(drive)
    expect(tick(drive, 4.5 * minute - 1, since)).toEqual([])
    expect(tick(drive, 1, since)).toEqual(['slack-away-too-long'])
    expect(tick(drive, 10 * minute, since)).toEqual([])
    expect(tick(drive, 1)).toEqual(['slack-back'])
    expect(drive.events.at(-1)).toMatchObject({ since })
    expect(drive.state).not.toHaveProperty('silence')
    expect(tick(drive, 1)).toEqual([])
  })

  it('is given time to be connected to by a Slipway that was itself away', () => {
    const drive = at('soaking')
    const since = drive.now
    expect(tick(drive, 60 * minute, since)).toEqual(['slack-lost'])
    expect(tick(drive, 30 * second - 1, since)).toEqual([])
    expect(tick(drive, 1)).toEqual(['slack-back'])
  })

  it('is not lost for a rollout that is over, but is back for one that ended meanwhile', () => {
    const drive = at('soaking')
    silent(drive)
    rollBack(drive)
    restore(drive)
    drive.say({ type: 'record-cleaned-up', track: 'green' })
    expect(isOpen(drive.state)).toBe(true)
    expect(tick(drive, second)).toEqual(['slack-back'])
    expect(isOpen(drive.state)).toBe(false)
    expect(tick(drive, 60 * minute, drive.now)).toEqual([])
  })
})

describe('while Slack is away', () => {
  it('a phase that is signed all the same starts only when it is back', () => {
    const drive = at('awaiting-sign-off')
    silent(drive)
    sign(drive)
    expect(drive.state.stage).toBe('awaiting-sign-off')
    drive.wait(second)
    const taken = drive.say({ type: 'tick', unreachableSince: null })
    expect(types(taken.events)).toEqual(['slack-back', 'phase-started'])
    expect(taken.jobs.map((j) => j.name)).toContain('shift')
  })

  it('a shift that is under way is held, and is due again when it is back', () => {
    const drive = at('shifting')
    silent(drive)
    drive.wait(second)
    const { jobs } = drive.say({ type: 'tick', unreachableSince: null })
    expect(jobs.map((j) => [j.name, j.order])).toEqual([['shift', drive.state.phaseVersion]])
  })

  it('the clock of a request stands: it expires later by the absence', () => {
    const drive = at('awaiting-sign-off')
    const expiresAt = drive.state.request?.expiresAt ?? 0
    const since = silent(drive)
    expect(tick(drive, spec.signOffExpires + minute, since)).toEqual(['slack-away-too-long'])
    expect(tick(drive, second, since)).toEqual([])
    // A click that arrives all the same is in time.
    expect(approve(drive, 'sre').refusal).toBeNull()
    expect(tick(drive, second)).toEqual(['slack-back'])
    const away = drive.now - since
    expect(drive.state.request?.expiresAt).toBe(expiresAt + away)
    expect(tick(drive, expiresAt + away - drive.now - 1)).toEqual([])
    expect(tick(drive, 1)).toEqual(['sign-off-expired'])
  })

  it('the clocks of a decision and of a skip stand, too', () => {
    const waiting = at('waiting')
    const { pageAt, rollBackAt } = waiting.state.decision ?? { pageAt: 0, rollBackAt: 0 }
    const since = silent(waiting)
    expect(tick(waiting, 2 * spec.maxHold, since)).toEqual(['slack-away-too-long'])
    expect(tick(waiting, second, since)).toEqual([])
    tick(waiting, second)
    const away = waiting.now - since
    expect(waiting.state.decision).toMatchObject({ pageAt: pageAt + away, rollBackAt: rollBackAt + away })

    const soaking = at('soaking')
    soaking.say({ type: 'skip-soak', reason: 'seen enough' })
    const { expiresAt } = soaking.state.skip ?? { expiresAt: 0 }
    const lost = silent(soaking)
    tick(soaking, minute)
    expect(soaking.state.skip?.expiresAt).toBe(expiresAt + soaking.now - lost)
  })

  it('what began meanwhile moves only by the rest of the absence', () => {
    const drive = at('soaking')
    const since = silent(drive)
    drive.wait(20 * minute)
    soak(drive, badFigures)
    const { rollBackAt } = drive.state.decision ?? { rollBackAt: 0 }
    tick(drive, second, since)
    tick(drive, minute - second)
    expect(drive.state.decision?.rollBackAt).toBe(rollBackAt + minute)
  })

  it('deadlines of people wait from the first missed look on, before it is called lost', () => {
    const drive = at('awaiting-sign-off')
    drive.wait(spec.signOffExpires)
    expect(tick(drive, 0, drive.now - 20 * second)).toEqual([])
    expect(tick(drive, 0)).toEqual(['sign-off-expired'])
  })

  it('blindness pages all the same: the machine’s clocks go on', () => {
    const drive = at('soaking')
    drive.say({ type: 'record-blind', metrics: [{ metric: 'p95', reason: 'empty' }] })
    const since = silent(drive)
    expect(tick(drive, spec.pageAfter, since)).toEqual(['slack-away-too-long'])
    expect(tick(drive, second, since)).toEqual(['blind-too-long'])
  })

  it('a breach rolls back, and a soak passes', () => {
    const drive = at('soaking')
    silent(drive)
    expect(types(drive.say({ type: 'record-breach', evidence }).events)).toContain('rollback-ordered')
    expect(types(restore(drive).events)).toEqual(['weights-restored'])
    const calm = at('soaking')
    silent(calm)
    soak(calm)
    expect(calm.state.stage).toBe('soaked')
  })

  it('the end of a rollback under way is told as ever', () => {
    const drive = at('rolling-back')
    const since = silent(drive)
    expect(tick(drive, 10 * minute, since)).toEqual(['slack-away-too-long'])
    restore(drive)
    expect(drive.state.stage).toBe('rolled-back')
    expect(tick(drive, second)).toEqual(['slack-back'])
  })

  it('needs the same sign-offs as ever: half of them start nothing', () => {
    const drive = at('awaiting-sign-off')
    silent(drive)
    approve(drive, 'commander', holderOf('commander'))
    expect(tick(drive, second)).toEqual(['slack-back'])
    expect(drive.state.stage).toBe('awaiting-sign-off')
    shift(drive)
    expect(drive.state.weight).toBe(0)
  })
})

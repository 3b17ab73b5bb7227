import { describe, expect, it } from 'vitest'
import type { Found } from '../../src/rollout/commands.ts'
import { decide } from '../../src/rollout/decide.ts'
import { slipway } from '../../src/rollout/decide-rollback.ts'
import { dueJobs } from '../../src/rollout/effects.ts'
import { schemaVersion } from '../../src/rollout/events.ts'
import { pageActions } from '../../src/rollout/pages.ts'
import { fenceOf, holdsService, isOpen, newestFence } from '../../src/rollout/state.ts'
import { createDrive, type Drive, holderOf, requester, service, spec, types } from './drive.ts'
import { at, evidence, fail, parts, restore, rollBack, shift, sign, soak, started } from './ways.ts'

const accept = { type: 'accept-targets', reason: 'looked at it', roles: [spec.decides], holders: [] } as const

/** The cluster carries a fence of this rollout that the ledger never gave. */
function lose(drive: Drive, weight = 5, version = 99, rollout = 1) {
  return drive.say({ ...parts, type: 'record-newer-fence', weight, fence: { rollout, version } })
}

/** A rollout that only the cluster knows. */
function found(weight: number): Drive {
  const fence = { rollout: 1, version: 12 }
  const mark: Found = { ...parts, canaryImage: spec.image, weight, fence }
  const command = { id: 'found', at: createDrive().now, by: slipway, type: 'record-found', spec, ...mark } as const
  const decision = decide(null, command, service)
  if ('refusal' in decision) throw new Error('refused')
  const [body] = decision.events
  if (body === undefined) throw new Error('nothing was found')
  const place = { v: schemaVersion, service, rollout: 1, version: 1, at: command.at, command: command.id } as const
  return createDrive([{ ...body, ...place }])
}

describe("somebody else's change of a rollout whose record is lost", () => {
  const drift = { type: 'record-drift', what: 'the canary gets 20 %, expected 100 %', manager: 'kubectl' } as const

  it('is not taken over: that might raise the weight without its sign-offs', () => {
    const drive = found(100)
    drive.say(drift)
    expect(drive.say({ type: 'take-over' }).refusal?.code).toBe('record-lost')
    expect(dueJobs(drive.state)).toEqual([])
    rollBack(drive)
    expect(drive.state.stage).toBe('rolling-back')
  })

  it('voids an order to take over that was given before the loss was noticed', () => {
    const drive = at('soaking')
    drive.say({ ...drift, what: 'the canary gets 40 %, expected 5 %' })
    drive.say({ type: 'take-over' })
    lose(drive, 40)
    expect(drive.state.drift).toBeUndefined()
    expect(dueJobs(drive.state)).toEqual([])
  })
})

describe('a rollout that only the cluster knows', () => {
  it('is held with the weight it has, and pages', () => {
    const drive = found(20)
    expect(drive.state).toMatchObject({ stage: 'waiting', weight: 20, parts: { stable: 'blue' }, fenceFloor: 12 })
    expect(drive.state.lost).toBeDefined()
    const [event] = drive.events
    expect(event === undefined ? [] : pageActions(event, drive.state)).toMatchObject([
      { do: 'trigger', cause: 'record-lost' },
    ])
  })

  it('goes no further than it is', () => {
    const drive = found(20)
    expect(drive.say({ type: 'advance' }).refusal?.code).toBe('record-lost')
    expect(drive.say({ type: 'extend-soak', ms: 1 }).refusal?.code).toBe('record-lost')
    expect(drive.say(accept, holderOf(spec.decides)).refusal?.code).toBe('record-lost')
    expect(dueJobs(drive.state)).toEqual([])
  })

  it('is rolled back by whoever asks, and by a breach, under a fence that counts', () => {
    const byHand = found(20)
    rollBack(byHand)
    const breach = found(20)
    breach.say({ type: 'record-breach', evidence })
    for (const drive of [byHand, breach]) {
      expect(dueJobs(drive.state).map((j) => j.name)).toEqual(['roll-back'])
      expect(fenceOf(drive.state, drive.state.rollback?.version ?? 0).version).toBeGreaterThan(12)
      restore(drive)
      expect(drive.state).toMatchObject({ stage: 'rolled-back', cleanUp: 'due' })
    }
  })

  it('with everything on the canary can be accepted, and completes after its window', () => {
    const drive = found(100)
    expect(drive.say(accept, holderOf(spec.decides)).events).toHaveLength(2)
    expect(drive.state.stage).toBe('released')
    expect(drive.state).not.toHaveProperty('lost')
    soak(drive)
    expect(drive.state).toMatchObject({ stage: 'complete', cleanUp: 'due' })
  })

  it('is accepted by one who decides only', () => {
    const { refusal } = found(100).say({ ...accept, roles: ['sre'] }, holderOf('sre'))
    expect(refusal?.code).toBe('role-not-held')
  })
})

describe('a ledger that came back older', () => {
  it('holds: no step is due, and what was signed counts no more', () => {
    const drive = at('awaiting-sign-off')
    expect(types(lose(drive).events)).toEqual(['record-lost'])
    expect(drive.state).toMatchObject({ stage: 'waiting', weight: 5, fenceFloor: 99 })
    expect(drive.state).not.toHaveProperty('request')
    const late = { type: 'approve', request: 3, roles: ['sre'], holders: [] } as const
    expect(drive.say(late, holderOf('sre')).refusal?.code).toBe('request-decided')
    expect(dueJobs(drive.state)).toEqual([])
  })

  it('looks whether requests follow the weight that was found, no longer an earlier one', () => {
    const drive = at('soaking')
    lose(drive, 100)
    expect(drive.state.convergence).toEqual({ weight: 100, since: drive.now })
    drive.say({ type: 'record-converged', phase: drive.state.phase, weight: 100, share: 99.5, ms: 1_000 })
    expect(drive.state.convergence).toMatchObject({ outcome: 'followed' })
  })

  it('tells it once', () => {
    const drive = at('soaking')
    lose(drive)
    expect(lose(drive).events).toEqual([])
  })

  it('takes no fence of its own for one that it lost', () => {
    for (const stage of ['awaiting-sign-off', 'shifting', 'soaking', 'released', 'rolling-back'] as const) {
      const { state } = at(stage)
      expect(lose(at(stage), state.weight, newestFence(state).version).events).toEqual([])
      expect(types(lose(at(stage), state.weight, newestFence(state).version + 1).events)).toEqual(['record-lost'])
    }
  })

  it('takes its own claim, which was ordered at any version before the first phase, for nothing else', () => {
    const drive = at('awaiting-sign-off')
    expect(lose(drive, 0, drive.state.version).events).toEqual([])
  })

  it('is noticed also after it has grown past the number on the cluster', () => {
    const drive = at('soaking')
    const lost = drive.state.phaseVersion + 2
    for (let i = 0; i < 5; i++) {
      drive.say({ type: 'pause', reason: '' })
      drive.say({ type: 'resume' })
    }
    expect(drive.state.version).toBeGreaterThan(lost)
    expect(types(lose(drive, 20, lost).events)).toEqual(['record-lost'])
    expect(drive.state.weight).toBe(20)
  })

  it('gives a rollback that was ordered before a fence that counts, however much was told since', () => {
    const drive = at('soaking')
    rollBack(drive)
    const lost = (drive.state.rollback?.version ?? 0) + 1
    fail(drive, 'newer-fence')
    fail(drive, 'cluster-unreachable')
    const { jobs } = lose(drive, 20, lost)
    expect(jobs.every((j) => j.name === 'roll-back')).toBe(true)
    expect(drive.state).toMatchObject({ stage: 'rollback-failed', weight: 20 })
    expect(fenceOf(drive.state, drive.state.rollback?.version ?? 0).version).toBeGreaterThan(lost)
    expect(dueJobs(drive.state).map((j) => j.name)).toEqual(['roll-back'])
  })

  it('from before the preparation learns the parts from the mark, so that it is watched and rolled back', () => {
    const drive = started()
    lose(drive, 20)
    expect(drive.state).toMatchObject({ stage: 'waiting', weight: 20, parts })
    expect(types(drive.say({ type: 'record-breach', evidence }).events)).toContain('rollback-ordered')
    restore(drive)
    expect(drive.state.cleanUp).toBe('due')
  })

  it('keeps the parts that it knows', () => {
    const drive = at('soaking')
    const fence = { rollout: 1, version: 99 }
    drive.say({ ...parts, stableSize: 3, type: 'record-newer-fence', weight: 5, fence })
    expect(drive.state.parts?.stableSize).toBe(10)
  })

  it('broken off in a shift, accepted since, completes all the same', () => {
    const drive = at('soaked')
    drive.say({ type: 'advance' })
    sign(drive)
    lose(drive, 100)
    drive.say(accept, holderOf(spec.decides))
    // Phase 1 was the last that is known to have had traffic: its metrics are watched on.
    const { rollbackWindow: observed } = spec
    const soaked = { type: 'record-soak', phase: 1, of: 'window', observed, figures: [] } as const
    expect(types(drive.say(soaked).events)).toEqual(['completed'])
  })

  it('ignores what an older shift tells', () => {
    const drive = at('shifting')
    lose(drive, 0)
    shift(drive)
    expect(drive.state).toMatchObject({ stage: 'waiting', weight: 0 })
  })

  it('is of no matter to a rollout that is over, or to one newer than the mark', () => {
    expect(lose(at('complete')).events).toEqual([])
    expect(lose(at('soaking'), 5, 99, 0).events).toEqual([])
  })
})

describe('the mark of a newer rollout', () => {
  it('ends this one, its open request and its incidents', () => {
    const drive = at('soaking')
    drive.say({ type: 'record-drift', what: 'weights changed', manager: 'kubectl' })
    drive.say({ type: 'pause', reason: '' }, requester)
    const { events } = lose(drive, 0, 1, 2)
    expect(types(events)).toEqual(['superseded'])
    expect(drive.state).toMatchObject({ stage: 'rolled-back', weight: 0, cleanUp: 'done' })
    for (const gone of ['drift', 'paused', 'request']) expect(drive.state).not.toHaveProperty(gone)
    expect(isOpen(drive.state)).toBe(false)
  })

  it('ends a rollback that can no longer succeed: it is neither due nor failing any more', () => {
    const drive = at('rollback-failed')
    const [page] = drive.state.pages
    const { events, after } = lose(drive, 0, 1, 2)
    expect(events.flatMap((e) => (after === null ? [] : pageActions(e, after)))).toEqual([
      { do: 'resolve', key: page?.key },
    ])
    expect(dueJobs(drive.state)).toEqual([])
    expect(fail(drive, 'newer-fence').events).toEqual([])
    expect(restore(drive).events).toEqual([])
    expect(drive.state.stage).toBe('rolled-back')
  })

  it.each(['complete', 'rolled-back'] as const)('frees the service of one that is %s but not cleaned up', (stage) => {
    const drive = at(stage)
    const { weight } = drive.state
    expect(holdsService(drive.state)).toBe(true)
    expect(types(lose(drive, 0, 1, 2).events)).toEqual(['superseded'])
    expect(drive.state).toMatchObject({ stage, weight, cleanUp: 'done' })
    expect(holdsService(drive.state)).toBe(false)
    expect(dueJobs(drive.state)).toEqual([])
    expect(lose(drive, 0, 1, 2).events).toEqual([])
  })
})

import { describe, expect, it } from 'vitest'
import { type Drive, holderOf, requester, spec, types } from './drive.ts'
import { at, badFigures, parts, rollBack, shift, sign, soak } from './ways.ts'

const decider = holderOf(spec.decides)

function ask(drive: Drive) {
  return drive.say({ type: 'skip-soak', reason: 'seen enough' })
}

function answer(drive: Drive, type: 'approve-skip' | 'reject-skip' = 'approve-skip', by = decider) {
  const request = drive.state.skip?.id ?? drive.state.decided.at(-1)?.id ?? 0
  return drive.say({ type, request, roles: [spec.decides], holders: [] }, by)
}

/** Soaking in the last phase. */
function lastSoak(): Drive {
  const drive = at('soaked')
  for (const { number } of spec.phases.slice(1)) {
    drive.say({ type: 'advance' })
    sign(drive)
    shift(drive)
    if (number < spec.phases.length) soak(drive)
  }
  return drive
}

describe('skipping a soak', () => {
  it('is asked for with a reason, and changes nothing until somebody signs', () => {
    const drive = at('soaking')
    expect(types(ask(drive).events)).toEqual(['skip-asked'])
    expect(drive.state).toMatchObject({
      stage: 'soaking',
      skip: { phase: 1, reason: 'seen enough', by: requester, expiresAt: drive.now + spec.signOffExpires },
    })
  })

  it('is signed by one who decides, and not by the one who asked', () => {
    const drive = at('soaking')
    ask(drive)
    expect(answer(drive, 'approve-skip', requester).refusal?.code).toBe('requester-may-not-sign')
    const request = drive.state.skip?.id ?? 0
    const other = { type: 'approve-skip', request, roles: ['sre'], holders: ['Commander'] } as const
    expect(drive.say(other, holderOf('sre')).refusal).toEqual({
      code: 'role-not-held',
      detail: { roles: [spec.decides], holders: ['Commander'] },
    })
    expect(types(answer(drive).events)).toEqual(['soak-skipped'])
    expect(drive.state).toMatchObject({ stage: 'soaked', weight: 5 })
    expect(drive.state.phases).toMatchObject([{ phase: 1, skipped: true, endedAt: drive.now }])
    expect(drive.state).not.toHaveProperty('skip')
  })

  it('gives the canary no more weight: the next phase needs its own sign-offs', () => {
    const drive = at('soaking')
    ask(drive)
    answer(drive)
    expect(types(drive.say({ type: 'advance' }).events)).toEqual(['sign-off-requested'])
    expect(drive.state).toMatchObject({ stage: 'awaiting-sign-off', weight: 5, request: { phase: 2, signOffs: [] } })
  })

  it('in the last phase opens the rollback window', () => {
    const drive = lastSoak()
    ask(drive)
    expect(types(answer(drive).events)).toEqual(['soak-skipped', 'window-opened'])
    expect(drive.state.stage).toBe('released')
  })

  it('in the last phase does not take the soak for the window', () => {
    const drive = lastSoak()
    ask(drive)
    answer(drive)
    // The look began before the soak was skipped, and counted it.
    const observed = spec.rollbackWindow + 1
    const late = { type: 'record-soak', phase: drive.state.phase, observed, figures: [] } as const
    expect(drive.say({ ...late, of: 'soak' }).events).toEqual([])
    expect(types(drive.say({ ...late, of: 'window' }).events)).toEqual(['completed'])
  })

  it('is answered once: whoever comes later is told by whom', () => {
    const drive = at('soaking')
    ask(drive)
    answer(drive, 'reject-skip')
    expect(drive.state.stage).toBe('soaking')
    expect(answer(drive).refusal).toMatchObject({
      code: 'request-decided',
      detail: { how: 'rejected', by: decider.name },
    })
    expect(types(ask(drive).events)).toEqual(['skip-asked'])
  })

  it('is forgotten in time', () => {
    const drive = at('soaking')
    ask(drive)
    drive.wait(spec.signOffExpires - 1)
    expect(drive.say({ type: 'tick', unreachableSince: null }).events).toEqual([])
    drive.wait(1)
    expect(answer(drive).refusal?.code).toBe('request-expired')
    expect(types(drive.say({ type: 'tick', unreachableSince: null }).events)).toEqual(['skip-expired'])
    expect(answer(drive).refusal?.code).toBe('request-expired')
    expect(drive.state.stage).toBe('soaking')
  })

  it.each([
    ['the end of the soak', (drive: Drive) => soak(drive)],
    ['a decision to make', (drive: Drive) => soak(drive, badFigures)],
    ['a rollback', (drive: Drive) => rollBack(drive)],
    [
      'a lost record',
      (drive: Drive) => {
        const fence = { rollout: 1, version: 99 }
        drive.say({ ...parts, type: 'record-newer-fence', weight: 5, fence })
      },
    ],
  ])('is ended by %s', (_, end) => {
    const drive = at('soaking')
    ask(drive)
    end(drive)
    expect(drive.state).not.toHaveProperty('skip')
    const { stage } = drive.state
    expect(answer(drive).refusal).toMatchObject({ code: 'request-decided', detail: { how: 'ended' } })
    expect(drive.state.stage).toBe(stage)
  })

  it.each(['soaked', 'waiting', 'shifting', 'released', 'rolling-back'] as const)('is not for %s', (stage) => {
    expect(ask(at(stage)).refusal?.code).toBe('not-possible-now')
  })
})

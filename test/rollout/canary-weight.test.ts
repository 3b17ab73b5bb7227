import { describe, expect, it } from 'vitest'
import { stillGetsText, weightText } from '../../src/rollout/canary-weight.ts'
import type { Drive } from './drive.ts'
import { at, fail, noDrift, parts, restore, rollBack, shift, sign, soak } from './ways.ts'

/** The canary is ready, so that the weight may be written. */
function ready(drive: Drive): Drive {
  drive.say({ type: 'record-canary-ready', phase: drive.state.phase, replicas: 1, ms: 900 })
  return drive
}

const raised = { type: 'record-drift', what: 'the canary gets 40 %', manager: 'kubectl-edit', weight: 40 } as const

describe('the weight, in words', () => {
  it('is what is on record where no other was ordered', () => {
    expect(weightText(at('awaiting-sign-off').state)).toBe('0 %')
    expect(weightText(at('shifting').state)).toBe('0 %')
    expect(weightText(at('soaking').state)).toBe('5 %')
    expect(weightText(at('released').state)).toBe('100 %')
  })

  it('is not confirmed from when a shift may be written until it is on record', () => {
    const drive = ready(at('shifting'))
    expect(weightText(drive.state)).toBe('up to 5 % (not confirmed)')
    shift(drive)
    soak(drive)
    drive.say({ type: 'advance' })
    sign(drive)
    expect(weightText(ready(drive).state)).toBe('up to 20 % (not confirmed)')
    shift(drive)
    expect(weightText(drive.state)).toBe('20 %')
  })

  it('stays unconfirmed in a rollback, until that is done', () => {
    const drive = ready(at('shifting'))
    rollBack(drive)
    fail(drive)
    expect(stillGetsText(drive.state)).toBe('The canary still gets up to 5 % (not confirmed).')
    restore(drive)
    expect(weightText(drive.state)).toBe('0 %')
  })

  it('is the one that somebody else has set, as long as it stands', () => {
    const drive = at('soaking')
    drive.say(raised)
    expect(weightText(drive.state)).toBe('40 %')
    drive.say({ type: 'take-over' })
    expect(weightText(drive.state)).toBe('up to 40 % (not confirmed)')
    drive.say(noDrift(drive))
    expect(weightText(drive.state)).toBe('5 %')
    drive.say(raised)
    rollBack(drive)
    fail(drive)
    expect(stillGetsText(drive.state)).toBe('The canary still gets 40 %.')
  })

  it('is the one that the cluster had when the record was found to be lost', () => {
    const drive = ready(at('shifting'))
    const fence = { rollout: 1, version: drive.state.version + 1 }
    drive.say({ type: 'record-newer-fence', ...parts, weight: 0, fence })
    expect(drive.state.lost).toBeDefined()
    expect(weightText(drive.state)).toBe('0 %')
  })

  it('is not said to be 0 % where nobody could read it back', () => {
    const drive = at('awaiting-sign-off')
    rollBack(drive)
    fail(drive)
    expect(stillGetsText(drive.state)).toBe('The weights are not confirmed.')
  })
})

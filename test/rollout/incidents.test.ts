import { describe, expect, it } from 'vitest'
import { evolve } from '../../src/rollout/evolve.ts'
import { pageActions } from '../../src/rollout/pages.ts'
import { isOpen } from '../../src/rollout/state.ts'
import { createDrive, type Drive, rollout, service, spec, type Taken, types } from './drive.ts'
import { at, evidence, fail, restore, rollBack, sight, soak } from './ways.ts'

const link = 'https://example.pagerduty.com/incidents/4711'
const key = (cause: string, number: number) => `${service}/${rollout}/${cause}/${number}`
const blind = { type: 'record-blind', metrics: [{ metric: 'p95', reason: 'empty' }] } as const

/** What PagerDuty is asked for by one command. */
function actions({ events, before }: Taken) {
  return events.flatMap((e, i) => {
    const upTo = events.slice(0, i + 1)
    return pageActions(e, stateAfter(before, upTo))
  })
}

function stateAfter(before: Taken['before'], events: Taken['events']) {
  const state = events.reduce<Taken['before']>(evolve, before)
  if (state === null) throw new Error('not started')
  return state
}

function overdue(): { readonly drive: Drive; readonly taken: Taken } {
  const drive = at('waiting')
  drive.wait(spec.pageAfter)
  return { drive, taken: drive.say({ type: 'tick', unreachableSince: null }) }
}

describe('an incident is opened by', () => {
  it('a confirmed breach', () => {
    const drive = at('soaking')
    const taken = drive.say({ type: 'record-breach', evidence })
    expect(actions(taken)).toEqual([{ do: 'trigger', key: key('breach', 1), cause: 'breach' }])
    expect(drive.state.pages).toEqual([{ key: key('breach', 1), cause: 'breach', link: null, resolved: false }])
  })

  it('the first failed attempt of a rollback, not by a later one', () => {
    const drive = at('rolling-back')
    expect(actions(fail(drive))).toEqual([{ do: 'trigger', key: key('rollback-failed', 1), cause: 'rollback-failed' }])
    expect(actions(fail(drive, 'cluster-unreachable'))).toEqual([])
  })

  it('a failed attempt once, also when a forced order overtakes the one that failed', () => {
    const drive = at('rolling-back')
    fail(drive)
    rollBack(drive, true)
    const again = fail(drive)
    expect(again.events).toMatchObject([{ type: 'rollback-attempt-failed', attempt: 2 }])
    expect(actions(again)).toEqual([])
    expect(drive.state.pages).toHaveLength(1)
  })

  it('a decision that nobody makes', () => {
    const { drive, taken } = overdue()
    const { version } = drive.state
    expect(actions(taken)).toEqual([
      { do: 'trigger', key: key('decision-overdue', version), cause: 'decision-overdue' },
    ])
  })

  it('blindness that lasts', () => {
    const drive = at('soaking')
    expect(actions(drive.say(blind))).toEqual([])
    drive.wait(spec.pageAfter)
    const taken = drive.say({ type: 'tick', unreachableSince: null })
    expect(actions(taken)).toEqual([{ do: 'trigger', key: key('blind', drive.state.version), cause: 'blind' }])
  })
})

it('is opened by no blindness that a rollback makes unimportant', () => {
  const drive = at('soaking')
  drive.say(blind)
  rollBack(drive)
  drive.wait(spec.pageAfter)
  expect(drive.say({ type: 'tick', unreachableSince: null }).events).toEqual([])
})

describe('an incident is resolved', () => {
  it('when its decision is made', () => {
    const wishes = [
      { type: 'extend-soak', ms: 600_000 },
      { type: 'accept-targets', reason: 'known', roles: ['commander'], holders: [] },
    ] as const
    for (const wish of wishes) {
      const { drive } = overdue()
      const open = drive.state.pages[0]?.key
      expect(actions(drive.say(wish))).toEqual([{ do: 'resolve', key: open }])
    }
  })

  it('when sight is back', () => {
    const drive = at('soaking')
    drive.say(blind)
    drive.wait(spec.pageAfter)
    drive.say({ type: 'tick', unreachableSince: null })
    const open = drive.state.pages[0]?.key
    expect(actions(drive.say(sight(drive)))).toEqual([{ do: 'resolve', key: open }])
  })

  it('after a rollback only when stable has recovered: every cause at once', () => {
    const drive = at('soaking')
    drive.say({ type: 'record-breach', evidence })
    fail(drive)
    expect(actions(restore(drive))).toEqual([])
    expect(drive.state.recovery).toBe('watched')
    const recovered = drive.say({ type: 'record-stable-recovered', since: drive.now })
    expect(actions(recovered)).toEqual([
      { do: 'resolve', key: key('breach', 1) },
      { do: 'resolve', key: key('rollback-failed', 1) },
    ])
    expect(drive.say({ type: 'record-stable-recovered', since: drive.now }).events).toEqual([])
  })

  it('by nothing where stable was not seen to recover; that is said once', () => {
    const drive = at('soaking')
    drive.say({ type: 'record-breach', evidence })
    restore(drive)
    const taken = drive.say({ type: 'record-recovery-not-seen' })
    expect(types(taken.events)).toEqual(['recovery-not-seen'])
    expect(actions(taken)).toEqual([])
    expect(drive.state).toMatchObject({ recovery: 'not-seen', pages: [{ resolved: false }] })
    expect(drive.say({ type: 'record-recovery-not-seen' }).events).toEqual([])
    expect(drive.say({ type: 'record-stable-recovered', since: drive.now }).events).toEqual([])
  })

  it('by no time that passes: nobody may have looked meanwhile', () => {
    const drive = at('soaking')
    drive.say({ type: 'record-breach', evidence })
    restore(drive)
    drive.wait(2 * spec.maxHold)
    expect(drive.say({ type: 'tick', unreachableSince: null }).events).toEqual([])
  })

  it('and is never triggered again: neither by its event nor by what comes after', () => {
    const drive = at('soaking')
    drive.say({ type: 'record-breach', evidence })
    restore(drive)
    drive.say({ type: 'record-stable-recovered', since: drive.now })
    const resolved = drive.say({ type: 'record-page-resolved', key: key('breach', 1) })
    expect(types(resolved.events)).toEqual(['page-resolved'])
    expect(drive.state.pages).toMatchObject([{ resolved: true }])
    const later = [
      drive.say({ type: 'record-breach', evidence }),
      fail(drive),
      drive.say({ type: 'record-page-resolved', key: key('breach', 1) }),
      drive.say({ type: 'record-stable-recovered', since: drive.now }),
      drive.say({ type: 'tick', unreachableSince: null }),
    ]
    expect(later.flatMap(actions)).toEqual([])
    expect(createDrive(drive.events).state.pages).toEqual(drive.state.pages)
  })

  it('and a second decision that nobody makes is another incident', () => {
    const { drive } = overdue()
    const first = drive.state.pages[0]?.key ?? ''
    drive.say({ type: 'extend-soak', ms: 60_000 })
    drive.say({ type: 'record-page-resolved', key: first })
    soak(drive, [{ metric: 'p95', value: 600, good: false }])
    drive.wait(spec.pageAfter)
    const again = actions(drive.say({ type: 'tick', unreachableSince: null }))
    expect(again).toMatchObject([{ do: 'trigger', cause: 'decision-overdue' }])
    expect(again).not.toMatchObject([{ key: first }])
    const accept = { type: 'accept-targets', reason: 'known', roles: ['commander'], holders: [] } as const
    expect(actions(drive.say(accept))).toEqual([{ do: 'resolve', key: drive.state.pages[1]?.key }])
  })
})

describe('a page', () => {
  it('gets its link once, and only where there is an incident', () => {
    const { drive } = overdue()
    const open = drive.state.pages[0]?.key ?? ''
    expect(types(drive.say({ type: 'record-page', key: open, link }).events)).toEqual(['page-sent'])
    expect(drive.state.pages).toMatchObject([{ link }])
    expect(drive.say({ type: 'record-page', key: open, link: 'other' }).events).toEqual([])
    expect(drive.say({ type: 'record-page', key: 'unknown', link }).events).toEqual([])
    expect(drive.say({ type: 'record-page-resolved', key: 'unknown' }).events).toEqual([])
  })

  it('keeps a rolled-back rollout open until it is resolved', () => {
    const drive = at('soaking')
    drive.say({ type: 'record-breach', evidence })
    restore(drive)
    drive.say({ type: 'record-cleaned-up', track: 'green' })
    expect(isOpen(drive.state)).toBe(true)
    drive.say({ type: 'record-stable-recovered', since: drive.now })
    expect(isOpen(drive.state)).toBe(true)
    drive.say({ type: 'record-page-resolved', key: key('breach', 1) })
    expect(isOpen(drive.state)).toBe(false)
  })

  it('is not waited for where none was sent', () => {
    const drive = at('rolled-back')
    expect(drive.state.recovery).toBe('none')
    drive.say({ type: 'record-cleaned-up', track: 'green' })
    expect(isOpen(drive.state)).toBe(false)
  })
})

import { expect, it } from 'vitest'
import { types } from './drive.ts'
import { at, badFigures, goodFigures, release, restore, shift, sign, soak, started } from './ways.ts'

const minute = 60_000
const accept = { type: 'accept-targets', reason: 'known slow query', roles: ['commander'], holders: [] } as const

it('waits for a decision when a target does not hold at the end of a soak', () => {
  const drive = at('soaking')
  const { events } = soak(drive, badFigures)
  expect(types(events)).toEqual(['decision-awaited'])
  expect(drive.state).toMatchObject({ stage: 'waiting', weight: 5 })
  expect(drive.state.decision).toEqual({
    version: drive.state.version,
    since: drive.now,
    pageAt: drive.now + 15 * minute,
    rollBackAt: drive.now + 60 * minute,
    overdue: false,
    figures: badFigures,
  })
})

it('soaks on for as long as asked, then judges again', () => {
  const drive = at('waiting')
  drive.say({ type: 'extend-soak', ms: 10 * minute })
  expect(drive.state).toMatchObject({ stage: 'soaking', extraSoak: 10 * minute })
  expect(drive.state).not.toHaveProperty('decision')
  const observed = 40 * minute - 1
  expect(drive.say({ type: 'record-soak', of: 'soak', phase: 1, observed, figures: goodFigures }).events).toEqual([])
  soak(drive, badFigures)
  expect(drive.state.stage).toBe('waiting')
  drive.say({ type: 'extend-soak', ms: 5 * minute })
  expect(drive.state.extraSoak).toBe(15 * minute)
  expect(types(soak(drive).events)).toEqual(['soak-passed'])
})

it('gives the next phase its own soak only', () => {
  const drive = at('waiting')
  drive.say({ type: 'extend-soak', ms: 10 * minute })
  soak(drive)
  drive.say({ type: 'advance' })
  sign(drive)
  shift(drive)
  expect(drive.state.extraSoak).toBe(0)
})

it('goes on when the deciding role accepts, and records who and why', () => {
  const drive = at('waiting')
  const refused = drive.say({ ...accept, roles: ['sre'], holders: ['Deployment commander'] })
  const detail = { roles: ['commander'], holders: ['Deployment commander'] }
  expect(refused.refusal).toEqual({ code: 'role-not-held', detail })
  expect(drive.say(accept).events).toMatchObject([
    { type: 'targets-accepted', phase: 1, role: 'commander', reason: 'known slow query' },
  ])
  expect(drive.state.stage).toBe('soaked')
  expect(types(drive.say({ type: 'advance' }).events)).toEqual(['sign-off-requested'])
})

it('opens the rollback window when the last phase is accepted', () => {
  const drive = started()
  release(drive)
  const lastSoak = drive.taken.findLastIndex((t) => t.command.type === 'record-soak')
  const again = started()
  for (const { command } of drive.taken.slice(1, lastSoak)) {
    const { id: _id, at: _at, by, ...want } = command
    again.say(want, by)
  }
  soak(again, badFigures)
  expect(types(again.say(accept).events)).toEqual(['targets-accepted', 'window-opened'])
  expect(again.state.stage).toBe('released')
})

it('pages once after pageAfter, and rolls back at maxHold', () => {
  const drive = at('waiting')
  drive.wait(15 * minute - 1)
  expect(drive.say({ type: 'tick', unreachableSince: null }).events).toEqual([])
  drive.wait(1)
  expect(types(drive.say({ type: 'tick', unreachableSince: null }).events)).toEqual(['decision-overdue'])
  expect(drive.say({ type: 'tick', unreachableSince: null }).events).toEqual([])
  drive.wait(45 * minute - 1)
  expect(drive.say({ type: 'tick', unreachableSince: null }).events).toEqual([])
  drive.wait(1)
  expect(drive.say({ type: 'tick', unreachableSince: null })).toMatchObject({
    events: [{ type: 'rollback-ordered', cause: 'hold-expired', by: { id: 'slipway' } }],
    jobs: [{ name: 'roll-back' }],
  })
  expect(drive.say({ type: 'tick', unreachableSince: null }).events).toEqual([])
})

it('rolls back at maxHold although nobody ticked before, and while paused', () => {
  const drive = at('waiting')
  drive.say({ type: 'pause', reason: '' })
  drive.wait(2 * 60 * minute)
  expect(types(drive.say({ type: 'tick', unreachableSince: null }).events)).toEqual(['rollback-ordered'])
  restore(drive)
  expect(drive.state.stage).toBe('rolled-back')
})

it('starts the clock anew for every wait', () => {
  const drive = at('waiting')
  drive.wait(50 * minute)
  drive.say({ type: 'extend-soak', ms: minute })
  drive.wait(60 * minute)
  expect(drive.say({ type: 'tick', unreachableSince: null }).events).toEqual([])
  soak(drive, badFigures)
  expect(drive.state.decision?.rollBackAt).toBe(drive.now + 60 * minute)
})

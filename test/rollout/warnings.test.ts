import { expect, it } from 'vitest'
import type { Wish } from '../../src/rollout/commands.ts'
import { createDrive, type Drive, holderOf, requester, spec, types } from './drive.ts'

const minute = 60_000

const warnings = ['Nodes are ready: n3 is not ready']
const commander = holderOf(spec.decides)

function started(want: Partial<Extract<Wish, { type: 'start' }>> = {}, by = requester, validFor = 30 * minute): Drive {
  const drive = createDrive()
  const report = {
    id: 'r',
    version: spec.version,
    image: spec.image,
    validUntil: drive.now + validFor,
    blocks: 0,
    warnings,
  }
  drive.say({ type: 'start', spec, report, ...want }, by)
  return drive
}
const accept = (roles: readonly string[]) =>
  ({ type: 'accept-warnings', reason: 'it is being replaced', roles, holders: ['@A'] }) as const
const jobs = (drive: Drive) => drive.taken.flatMap((t) => t.jobs.map((j) => j.name))

it('a start on warnings by somebody else does nothing before the role that decides accepts them', () => {
  const drive = started()
  expect(drive.state).toMatchObject({ stage: 'preparing', warned: { of: warnings } })
  expect(jobs(drive)).toEqual([])
  expect(drive.say(accept(['sre'])).refusal?.code).toBe('role-not-held')
  expect(jobs(drive)).toEqual([])
  drive.say(accept([spec.decides]), commander)
  expect(drive.state.warned).toBeUndefined()
  expect(jobs(drive)).toEqual(['prepare'])
})

it('a start by that role with a reason accepts them at once', () => {
  const drive = started({ reason: 'known', roles: [spec.decides] }, commander)
  expect(types(drive.events)).toEqual(['rollout-started', 'warnings-accepted'])
  expect(new Set(jobs(drive))).toEqual(new Set(['prepare']))
})

it.each([
  ['without a reason', { roles: [spec.decides] }, commander],
  ['without the role', { reason: 'known', roles: ['sre'] }, requester],
  ['from a terminal, which proves no role', { reason: 'known', roles: [spec.decides] }, { ...commander, via: 'cli' }],
] as const)('a start %s does not', (_, want, by) => {
  const drive = started(want, by)
  expect(types(drive.events)).toEqual(['rollout-started'])
  expect(jobs(drive)).toEqual([])
})

it('what is only observed starts on warnings: nothing hangs on it', () => {
  const drive = started({ spec: { ...spec, mode: 'observe' } })
  expect(types(drive.events)).toEqual(['rollout-started'])
  expect(drive.state.warned).toBeUndefined()
})

it('pausing and resuming does not lead past them', () => {
  const drive = started()
  drive.say({ type: 'pause', reason: '' })
  drive.say({ type: 'resume' })
  expect(jobs(drive)).toEqual([])
})

it('nobody in time ends the rollout, by the end of the report at the latest', () => {
  const drive = started({}, requester, 10 * minute)
  drive.wait(10 * minute - 1)
  expect(drive.say({ type: 'tick', unreachableSince: null }).events).toEqual([])
  drive.wait(1)
  expect(drive.say(accept([spec.decides]), commander).refusal?.code).toBe('not-possible-now')
  drive.say({ type: 'tick', unreachableSince: null })
  expect(drive.state).toMatchObject({ stage: 'rolling-back', rollback: { cause: 'abort' } })
  expect(drive.state.warned).toBeUndefined()
})

it('the time is longer by an absence of Slack', () => {
  const drive = started()
  const before = drive.state.warned?.expiresAt ?? 0
  drive.wait(minute)
  drive.say({ type: 'tick', unreachableSince: drive.now - minute / 2 })
  drive.wait(minute)
  drive.say({ type: 'tick', unreachableSince: null })
  expect((drive.state.warned?.expiresAt ?? 0) - before).toBe(1.5 * minute)
})

it('warnings that are accepted twice are accepted once, and none that are not there', () => {
  const drive = started()
  drive.say(accept([spec.decides]), commander)
  expect(drive.say(accept([spec.decides]), commander).refusal?.code).toBe('not-possible-now')
})

it('it can be taken back while it waits', () => {
  const drive = started()
  drive.say({ type: 'abort', reason: '' })
  expect(drive.state.stage).toBe('rolling-back')
  expect(drive.say(accept([spec.decides]), commander).refusal?.code).toBe('not-possible-now')
})

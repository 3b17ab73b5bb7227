import { expect, test } from 'vitest'
import type { Wish } from '../../src/rollout/commands.ts'
import { createDrive, holderOf, spec } from './drive.ts'
import { at, shift, sign, soak } from './ways.ts'

const terminal = { id: 'cli:ann@host', name: 'ann@host', via: 'cli' } as const
const another = { id: 'cli:bo@other', name: 'bo@other', via: 'cli' } as const

/** Somebody who holds every role says so from a terminal. */
const roles = Object.keys({ commander: 1, sre: 1, 'quality-lead': 1 })

test('a terminal signs, decides and changes nothing, whatever roles are named', () => {
  const wishes: readonly (readonly [Parameters<typeof at>[0], Wish])[] = [
    [
      'awaiting-sign-off',
      { type: 'approve', request: at('awaiting-sign-off').state.request?.id ?? 0, roles, holders: [] },
    ],
    [
      'awaiting-sign-off',
      { type: 'reject', reason: 'no', request: at('awaiting-sign-off').state.request?.id ?? 0, roles, holders: [] },
    ],
    ['waiting', { type: 'accept-targets', reason: 'r', roles, holders: [] }],
    ['waiting', { type: 'extend-soak', ms: 1 }],
    ['soaking', { type: 'skip-soak', reason: 'r' }],
    ['soaking', { type: 'approve-skip', request: 1, roles, holders: [] }],
    ['preparing', { type: 'abort', reason: 'r' }],
    ['soaking', { type: 'take-over' }],
    ['soaking', { type: 'retry' }],
    ['soaking', { type: 'finish' }],
  ]
  for (const [stage, wish] of wishes) {
    const { refusal, events } = at(stage).say(wish, terminal)
    expect([wish.type, refusal?.code, events]).toEqual([wish.type, 'terminal-unproven', []])
  }
})

test('a terminal takes traffic back, holds, and goes on where a terminal held', () => {
  expect(at('soaking').say({ type: 'roll-back', reason: 'r', forced: false }, terminal).events).not.toEqual([])
  const drive = at('soaking')
  drive.say({ type: 'pause', reason: '' }, terminal)
  expect(drive.say({ type: 'resume' }, another).refusal).toBeNull()
  drive.say({ type: 'pause', reason: '' }, holderOf('commander'))
  expect(drive.say({ type: 'resume' }, terminal).refusal?.code).toBe('terminal-unproven')
  expect(drive.say({ type: 'resume' }, holderOf('sre')).refusal).toBeNull()
})

test('a terminal opens the request for a phase, and not where whoever asks may not sign', () => {
  const drive = at('soaked')
  expect(drive.say({ type: 'advance' }, terminal).events).toMatchObject([{ type: 'sign-off-requested', by: terminal }])
  while (drive.state.phase < spec.phases.length - 1) {
    if (drive.state.request === undefined) drive.say({ type: 'advance' })
    sign(drive)
    shift(drive)
    soak(drive)
  }
  expect(spec.phases[drive.state.phase]?.requesterMaySign).toBe(false)
  expect(drive.say({ type: 'advance' }, terminal).refusal?.code).toBe('terminal-unproven')
  expect(drive.say({ type: 'advance' }).refusal).toBeNull()
})

test('a terminal starts a rollout, but not where the first requester may not sign', () => {
  const report = { id: 'r', version: spec.version, image: spec.image, validUntil: createDrive().now + 1, blocks: 0 }
  expect(createDrive().say({ type: 'start', spec, report }, terminal).refusal).toBeNull()
  const strict = { ...spec, phases: spec.phases.map((phase) => ({ ...phase, requesterMaySign: false })) }
  const refused = createDrive().say({ type: 'start', spec: strict, report }, terminal)
  expect(refused.refusal?.code).toBe('terminal-unproven')
})

test('a command that was taken is known again, also when a terminal could not give it now', () => {
  const drive = at('soaking')
  drive.say({ type: 'pause', reason: '' }, terminal)
  drive.say({ type: 'resume' }, terminal, 'mine')
  drive.say({ type: 'pause', reason: '' }, holderOf('commander'))
  expect(drive.say({ type: 'resume' }, terminal, 'mine')).toMatchObject({ refusal: null, events: [] })
})

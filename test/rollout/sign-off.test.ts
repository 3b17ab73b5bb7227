import { describe, expect, it } from 'vitest'
import { decide } from '../../src/rollout/decide.ts'
import { parseEvent } from '../../src/rollout/events.ts'
import { createDrive, holderOf, service, spec, types } from './drive.ts'
import { approve, at, look, prepare, shift, sign, soak, started } from './ways.ts'

const everyRole = ['commander', 'technical-lead', 'sre', 'devops', 'quality-lead']

describe('a sign-off', () => {
  it('starts the phase with the last role that was missing, and not before', () => {
    const drive = at('awaiting-sign-off')
    expect(types(approve(drive, 'sre').events)).toEqual(['signed-off'])
    expect(types(approve(drive, 'commander').events)).toEqual(['signed-off', 'phase-started'])
    expect(drive.state.decided).toMatchObject([{ phase: 1, how: 'signed', by: 'Deployment commander' }])
  })

  it('takes the role that is still missing when its signer holds several', () => {
    const drive = at('awaiting-sign-off')
    approve(drive, 'commander')
    const both = { type: 'approve', request: drive.state.request?.id ?? 0, roles: everyRole, holders: [] } as const
    expect(drive.say(both, holderOf('sre')).events[0]).toMatchObject({ type: 'signed-off', role: 'sre' })
  })

  it('counts one person once, whatever roles they hold', () => {
    const drive = at('awaiting-sign-off')
    const all = { type: 'approve', request: drive.state.request?.id ?? 0, roles: everyRole, holders: [] } as const
    drive.say({ ...all, role: 'sre' }, holderOf('sre'))
    expect(drive.say(all, holderOf('sre')).refusal?.code).toBe('already-signed')
    expect(drive.state.stage).toBe('awaiting-sign-off')
  })

  it('is refused to the one who asked where the phase says so, and to nobody else for that', () => {
    const drive = started()
    prepare(drive)
    for (const number of [2, 3, 4]) {
      sign(drive)
      shift(drive)
      soak(drive)
      const asker = holderOf(number === 4 ? 'commander' : 'sre')
      drive.say({ type: 'advance' }, asker)
    }
    expect(drive.state.request).toMatchObject({ phase: 4, by: holderOf('commander') })
    expect(approve(drive, 'commander').refusal).toEqual({ code: 'requester-may-not-sign', detail: { phase: 4 } })
    approve(drive, 'quality-lead')
    look(drive)
    expect(types(approve(drive, 'commander', holderOf('devops')).events)).toEqual(['signed-off', 'phase-started'])
  })

  it('can be withdrawn until the quorum is met, and then somebody else gives it', () => {
    const drive = at('awaiting-sign-off')
    approve(drive, 'sre')
    const request = drive.state.request?.id ?? 0
    expect(types(drive.say({ type: 'withdraw', request }, holderOf('sre')).events)).toEqual(['sign-off-withdrawn'])
    expect(types(approve(drive, 'commander').events)).toEqual(['signed-off'])
    expect(types(approve(drive, 'sre', holderOf('devops')).events)).toEqual(['signed-off', 'phase-started'])
  })

  it('does not count when it was withdrawn while it was still under way, and counts when it is given after that', () => {
    const drive = at('awaiting-sign-off')
    approve(drive, 'commander')
    const pressed = drive.now
    drive.wait(20_000)
    const request = drive.state.request?.id ?? 0
    expect(drive.say({ type: 'withdraw', request }, holderOf('sre')).events).toMatchObject([
      { type: 'sign-off-withdrawn', by: holderOf('sre') },
    ])
    const late = { type: 'approve', request, roles: ['sre'], holders: [], id: 'late', by: holderOf('sre') } as const
    for (const at of [pressed, drive.now])
      expect(decide(drive.state, { ...late, at }, service)).toEqual({
        refusal: { code: 'said-before', detail: { moment: 'withdrawn' } },
      })
    drive.wait(1)
    expect(types(approve(drive, 'sre').events)).toEqual(['signed-off', 'phase-started'])
  })

  it('counts also where somebody else has withdrawn theirs meanwhile', () => {
    const drive = at('awaiting-sign-off')
    approve(drive, 'commander')
    const request = drive.state.request?.id ?? 0
    drive.say({ type: 'withdraw', request }, holderOf('devops'))
    expect(types(approve(drive, 'sre').events)).toEqual(['signed-off', 'phase-started'])
  })

  it('is not void when its signer no longer holds the role', () => {
    const drive = at('awaiting-sign-off')
    approve(drive, 'sre')
    const shifted = { type: 'approve', request: drive.state.request?.id ?? 0, roles: ['sre'], holders: [] } as const
    expect(drive.say(shifted, holderOf('devops')).refusal?.code).toBe('slot-taken')
    expect(types(approve(drive, 'commander').events)).toContain('phase-started')
  })
})

describe('a request', () => {
  it('is for exactly one plan, in words that can be compared', () => {
    const plan: unknown = JSON.parse(at('awaiting-sign-off').state.request?.plan ?? '')
    expect(plan).toMatchObject({
      plan: { image: spec.image, fromWeight: 0, stable: 'blue', canary: 'green', replicas: 1, phase: { weight: 5 } },
      metrics: spec.metrics.map(({ name }) => ({ name })),
    })
  })

  it('expires by the clock alone, and can be asked again', () => {
    const drive = at('awaiting-sign-off')
    approve(drive, 'sre')
    drive.wait(spec.signOffExpires - 1)
    expect(drive.say({ type: 'tick', unreachableSince: null }).events).toEqual([])
    drive.wait(1)
    expect(types(drive.say({ type: 'tick', unreachableSince: null }).events)).toEqual(['sign-off-expired'])
    expect(drive.state.stage).toBe('soaked')
    drive.say({ type: 'advance' })
    expect(drive.state.request).toMatchObject({ phase: 1, signOffs: [] })
    const late = { type: 'approve', request: 3, roles: ['sre'], holders: [] } as const
    expect(drive.say(late, holderOf('sre')).refusal?.code).toBe('request-expired')
  })

  it('still takes the last sign-off one millisecond before it expires', () => {
    const drive = at('awaiting-sign-off')
    approve(drive, 'sre')
    drive.wait(spec.signOffExpires - 1)
    expect(types(approve(drive, 'commander').events)).toEqual(['signed-off', 'phase-started'])
  })

  it('is turned down by one holder of a required role, with nothing signed left over', () => {
    const drive = at('awaiting-sign-off')
    approve(drive, 'commander')
    const request = drive.state.request?.id ?? 0
    const reject = { type: 'reject', request, reason: 'too late', holders: [] } as const
    expect(drive.say({ ...reject, roles: ['devops'] }, holderOf('devops')).refusal?.code).toBe('role-not-held')
    expect(types(drive.say({ ...reject, roles: ['sre'] }, holderOf('sre')).events)).toEqual(['sign-off-rejected'])
    expect(drive.state.stage).toBe('soaked')
    const late = { type: 'approve', request, roles: ['commander'], holders: [] } as const
    expect(drive.say(late, holderOf('commander')).refusal).toMatchObject({
      code: 'request-decided',
      detail: { how: 'rejected', by: 'SRE' },
    })
  })
})

it('is for the same plan in a process that read it back from the ledger, in whatever order its members stand', () => {
  const drive = at('awaiting-sign-off')
  const reversed = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(reversed)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .toReversed()
              .map(([k, v]) => [k, reversed(v)]),
          )
        : value
  const read = createDrive(drive.events.map((e) => parseEvent(reversed(e))))
  const older = createDrive(
    drive.events.map((e) =>
      e.type === 'sign-off-requested' ? { ...e, plan: JSON.stringify(reversed(JSON.parse(e.plan))) } : e,
    ),
  )
  for (const other of [read, older]) {
    sign(other)
    expect(other.state.stage).toBe('shifting')
  }
})

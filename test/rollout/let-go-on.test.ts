import { expect, it } from 'vitest'
import type { Phase } from '../../src/rollout/plan.ts'
import { type Drive, holderOf, requester, spec, types } from './drive.ts'
import { prepare, sign, started } from './ways.ts'

const { decides } = spec

/** Phase 1, changed, has started by the requester's wish, and was stopped as its sign-offs count no more. */
function stopped(change: Partial<Phase>): Drive {
  const phases = spec.phases.map((p) => (p.number === 1 ? { ...p, ...change } : p))
  const drive = started({ ...spec, phases })
  prepare(drive)
  sign(drive)
  const failure = { code: 'image-changed', what: 'Others.', todo: 'Look.' }
  drive.say({ type: 'record-step-failed', step: 'shift', phase: 1, ...failure })
  return drive
}

const override = (drive: Drive, by = requester) =>
  drive.say({ type: 'override', reason: 'seen', roles: [decides], holders: [] }, by)

it('whoever asked for a phase and may not sign for it does not let it go on either: somebody else does', () => {
  const drive = stopped({ requesterMaySign: false })
  expect(override(drive).refusal).toEqual({ code: 'requester-may-not-sign', detail: { phase: 1 } })
  expect(drive.state.failure).toBeDefined()
  expect(types(override(drive, holderOf(decides)).events)).toEqual(['hold-overridden'])
  expect(drive.state.failure).toBeUndefined()
})

it('where they may sign, or nobody signs as the role that decides, they may: there need not be anybody else', () => {
  for (const change of [{ requesterMaySign: true }, { requesterMaySign: false, roles: ['sre'] }])
    expect(types(override(stopped(change)).events)).toEqual(['hold-overridden'])
})

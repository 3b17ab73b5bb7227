import { describe, expect, it } from 'vitest'
import { planHash } from '../../src/rollout/plan-text.ts'
import { missingRoles } from '../../src/rollout/sign-off.ts'
import type { State } from '../../src/rollout/state.ts'
import { createDrive, type Drive, holderOf, spec, type Taken, types } from './drive.ts'
import {
  approve,
  at,
  badFigures,
  goodFigures,
  look,
  noDrift,
  prepare,
  shift,
  sight,
  sign,
  soak,
  started,
} from './ways.ts'

const ending = { type: 'record-soak-ending', phase: 1, remaining: 60_000 } as const
const tick = { type: 'tick', unreachableSince: null } as const

/** Phase 1 soaks, and phase 2 has been asked for and signed. */
function signedEarly(): Drive {
  const drive = at('soaking')
  drive.say(ending)
  drive.say({ type: 'advance' })
  sign(drive)
  return drive
}

/** The minute that was left of the soak is over. */
function end(drive: Drive, figures = goodFigures): Taken {
  drive.wait(60_000)
  const observed = spec.phases[0]?.soak ?? 0
  return drive.say({ type: 'record-soak', of: 'soak', phase: 1, observed, figures })
}

/** Every role has signed the plan of all phases, and the first has started. */
function signedAll(): Drive {
  const drive = started(free, true)
  prepare(drive)
  sign(drive)
  return drive
}
const free = { ...spec, phases: spec.phases.map((p) => ({ ...p, requesterMaySign: true })) }

const expiresAt = ({ request }: State) => request?.expiresAt

describe('a phase that is asked for before the soak is over', () => {
  it('can be, once sign-off has opened, and not before', () => {
    const drive = at('soaking')
    expect(drive.say({ type: 'advance' }).refusal?.code).toBe('not-possible-now')
    expect(drive.say(ending).events).toMatchObject([{ type: 'sign-off-opened', phase: 2, remaining: 60_000 }])
    expect(drive.say(ending).events).toEqual([])
    expect(types(drive.say({ type: 'advance' }).events)).toEqual(['sign-off-requested'])
    expect(drive.state).toMatchObject({ stage: 'soaking', request: { phase: 2 } })
  })

  it('starts when the soak has passed, in the same moment, if it is signed by then', () => {
    const drive = signedEarly()
    expect(drive.state.stage).toBe('soaking')
    expect(types(end(drive).events)).toEqual(['soak-passed', 'phase-started'])
  })

  it('waits for what is missing after the soak', () => {
    const drive = at('soaking')
    drive.say(ending)
    drive.say({ type: 'advance' })
    expect(types(end(drive).events)).toEqual(['soak-passed'])
    expect(drive.state.stage).toBe('awaiting-sign-off')
    sign(drive)
    expect(drive.state).toMatchObject({ stage: 'shifting', phase: 2 })
  })

  it('does not start while the gate is closed, and does when it opens', () => {
    const drive = signedEarly()
    end(drive)
    expect(drive.state.stage).toBe('shifting')
    const held = signedEarly()
    held.say({ type: 'record-drift', what: 'weights', manager: 'kubectl' })
    held.say(noDrift(held))
    held.say({ type: 'pause', reason: '' })
    expect(end(held).events).toEqual([])
    held.say({ type: 'resume' })
    expect(types(end(held).events)).toEqual(['soak-passed', 'phase-started'])
  })

  it('starts when missed targets are accepted, and with a skipped soak', () => {
    const missed = signedEarly()
    end(missed, badFigures)
    expect(missed.state.stage).toBe('waiting')
    const accept = { type: 'accept-targets', reason: 'known', roles: ['commander'], holders: [] } as const
    expect(types(missed.say(accept).events)).toEqual(['targets-accepted', 'phase-started'])
    const skipped = signedEarly()
    skipped.say({ type: 'skip-soak', reason: 'seen' })
    const by = { id: 'U0', name: 'Commander', via: 'slack' } as const
    const approve = { type: 'approve-skip', request: skipped.state.skip?.id ?? 0, roles: ['commander'], holders: [] }
    expect(types(skipped.say({ ...approve, type: 'approve-skip' }, by).events)).toEqual([
      'soak-skipped',
      'phase-started',
    ])
  })

  it('can be turned down while it soaks, which leaves the soak alone', () => {
    for (const type of ['reject', 'cancel'] as const) {
      const drive = at('soaking')
      drive.say(ending)
      drive.say({ type: 'advance' })
      const request = drive.state.request?.id ?? 0
      drive.say({ type, request, reason: 'no', roles: ['sre', 'commander'], holders: [] })
      expect(drive.state.stage).toBe('soaking')
      expect(drive.say({ type: 'advance' }).refusal).toBeNull()
    }
  })
})

describe('one request for all phases', () => {
  it('needs of each role as many as the phase that wants most, and names every phase', () => {
    const drive = started(free, true)
    prepare(drive)
    const { request } = drive.state
    if (request === undefined) throw new Error('nothing asked for')
    expect(request.phases).toEqual([1, 2, 3, 4])
    expect(missingRoles(drive.state, request)).toEqual(['commander', 'sre', 'technical-lead', 'devops', 'quality-lead'])
    const { plans } = JSON.parse(request.plan)
    expect(plans.map((p: { fromWeight: number; phase: { weight: number } }) => [p.fromWeight, p.phase.weight])).toEqual(
      [
        [0, 5],
        [5, 20],
        [20, 50],
        [50, 100],
      ],
    )
    expect(request.planHash).toBe(planHash(request.plan))
  })

  it('starts each phase when the one before has passed and its checkpoints are ticked off', () => {
    const drive = signedAll()
    for (const number of [1, 2, 3]) {
      expect(drive.state).toMatchObject({ stage: 'shifting', phase: number })
      shift(drive)
      if (number < 3) expect(types(soak(drive).events)).toEqual(['soak-passed', 'phase-started'])
    }
    expect(types(soak(drive).events)).toEqual(['soak-passed'])
    look(drive)
    expect(drive.state).toMatchObject({ stage: 'shifting', phase: 4 })
    expect(drive.state).not.toHaveProperty('request')
  })

  it('stands while a phase shifts, however long that takes', () => {
    const drive = signedAll()
    for (const number of [1, 2]) {
      expect(drive.state).toMatchObject({ stage: 'shifting', phase: number })
      drive.wait(10_000)
      expect(drive.say(tick).events).toEqual([])
      shift(drive)
      expect(drive.say(tick).events).toEqual([])
      soak(drive)
    }
    expect(drive.state).toMatchObject({ phase: 3, request: { phase: 4 } })
  })

  /** All phases, asked for by the holder of a role: the last one does not let whoever asked sign, the others do. */
  function askedBy(role: string) {
    const drive = createDrive()
    const validUntil = drive.now + 1
    const report = { id: 'r', version: spec.version, image: spec.image, validUntil, blocks: 0 }
    drive.say({ type: 'start', spec, report, all: true }, holderOf(role))
    prepare(drive)
    return drive
  }

  it('can be signed by the one who asked as a role that only phases want which let them', () => {
    const drive = askedBy('sre')
    sign(drive)
    expect(drive.state).toMatchObject({ stage: 'shifting', phase: 1 })
    expect(drive.state.request?.signOffs.map((s) => s.by.id)).toContain(holderOf('sre').id)
  })

  it('is refused to the one who asked as a role of a phase that does not let them, and named is that phase', () => {
    const refused = { code: 'requester-may-not-sign', detail: { phase: 4 } }
    expect(approve(askedBy('commander'), 'commander').refusal).toEqual(refused)
    const drive = askedBy('sre')
    const request = drive.state.request?.id ?? 0
    const both = { type: 'approve', request, roles: ['commander', 'sre'], holders: [] } as const
    const asked = { ...both, role: 'commander' } as const
    expect(drive.say(asked, holderOf('sre')).refusal).toEqual(refused)
    const { events } = drive.say(both, holderOf('sre'))
    expect(events).toMatchObject([{ type: 'signed-off', role: 'sre' }])
    expect(drive.say(asked, holderOf('sre')).refusal?.code).toBe('already-signed')
  })

  it('still counts what whoever asked had signed, when it is read again', () => {
    const drive = askedBy('sre')
    approve(drive, 'sre')
    expect(createDrive(drive.events).state.request?.signOffs).toEqual(drive.state.request?.signOffs)
  })

  it('stands while phases soak, and expires when a gate stays closed for as long as a request stands', () => {
    const drive = signedAll()
    shift(drive)
    expect(expiresAt(drive.state)).toBeNull()
    drive.wait(5 * spec.signOffExpires)
    expect(drive.say(tick).events).toEqual([])
    drive.say({ type: 'record-blind', metrics: [] })
    drive.say(sight(drive))
    soak(drive)
    shift(drive)
    soak(drive)
    shift(drive)
    soak(drive)
    expect(expiresAt(drive.state)).toBe(drive.now + spec.signOffExpires)
    drive.wait(spec.signOffExpires)
    expect(types(drive.say(tick).events)).toEqual(['sign-off-expired'])
  })

  it('can be cancelled between phases', () => {
    const drive = signedAll()
    shift(drive)
    const request = drive.state.request?.id ?? 0
    drive.say({ type: 'cancel', request, roles: [], holders: [] })
    expect(types(soak(drive).events)).toEqual(['soak-passed'])
    expect(drive.state.stage).toBe('soaked')
  })
})

describe('what the pods say they run', () => {
  const failure = { code: 'image-changed', what: 'Others.', todo: 'Look.' }
  const seen = (...ids: string[]) => ({ type: 'record-image-ids', ids, failure }) as const

  it('belongs to the plan once it is known', () => {
    const drive = at('soaking')
    drive.say(seen('sha256:a'))
    soak(drive)
    drive.say({ type: 'advance' })
    expect(JSON.parse(drive.state.request?.plan ?? '')).toMatchObject({ plan: { imageIds: ['sha256:a'] } })
  })

  it('ends a request when it changes, and says from what to what', () => {
    for (const drive of [signedEarly(), signedAll()]) {
      if (drive.state.stage === 'shifting') shift(drive)
      // Signed before anything was reported: the first report is no change.
      expect(types(drive.say(seen('sha256:a')).events)).toEqual(['image-ids-seen'])
      expect(drive.say(tick).events).toEqual([])
      expect(drive.say(seen('sha256:a')).events).toEqual([])
      expect(drive.say(seen('sha256:b')).events).toMatchObject([
        { type: 'image-ids-seen', before: ['sha256:a'], ids: ['sha256:b'] },
        { type: 'sign-off-voided', changes: [{ field: 'imageIds', before: 'sha256:a', after: 'sha256:b' }] },
      ])
      expect(types(end(drive).events)).toEqual(['soak-passed'])
    }
  })

  it('means nothing where the image has a digest', () => {
    const image = `${spec.image}@sha256:${'0'.repeat(64)}`
    const drive = started({ ...spec, image })
    prepare(drive)
    expect(drive.say(seen('sha256:a')).events).toEqual([])
  })
})

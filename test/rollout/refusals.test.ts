import { expect, it } from 'vitest'
import { createRollouts } from '../../src/ledger/rollouts.ts'
import type { RolloutSpec } from '../../src/rollout/plan.ts'
import type { Refusal, RefusalCode, Refusals } from '../../src/rollout/refusal.ts'
import { createDrive, holderOf, requester, service, spec } from './drive.ts'
import { createMemoryLedger } from './memory-ledger.ts'
import { observed } from './observed-ways.ts'
import { approve, at, parts, restore, rollBack, sign, started } from './ways.ts'

const minute = 60_000

function start(
  report: { version?: string; image?: string; validFor?: number; blocks?: number; otherConfiguration?: true } | null,
) {
  const drive = createDrive()
  const { version = spec.version, image = spec.image, validFor = minute, blocks = 0, ...more } = report ?? {}
  const asReport = { id: 'report-1', version, image, validUntil: drive.now + validFor, blocks, ...more }
  return drive.say({ type: 'start', spec, report: report === null ? null : asReport })
}

/** A rollout of the service that was started at 0, and what starts another one. */
async function firstStarted() {
  const rollouts = createRollouts(service, createMemoryLedger(), async () => undefined)
  const report = { id: 'report-1', version: spec.version, image: spec.image, validUntil: 1, blocks: 0 }
  const command = { type: 'start', spec, report, at: 0, by: requester } as const
  await rollouts.start({ ...command, id: 'first' })
  return { rollouts, command }
}

/** Phase 1 with other rules about who signs. */
function withFirstPhase(change: Partial<RolloutSpec['phases'][number]>) {
  const drive = started({ ...spec, phases: spec.phases.map((p) => (p.number === 1 ? { ...p, ...change } : p)) })
  drive.say({
    type: 'record-prepared',
    stable: 'blue',
    canary: 'green',
    stableSize: 10,
    stableImage: 'old',
    canaryImage: 'new',
  })
  return drive
}

const terminal = { id: 'cli:ann@host', name: 'ann@host', via: 'cli' } as const

type Refused = { readonly refusal: Refusal | null }
type Cases = { readonly [C in RefusalCode]: readonly [Refusals[C], () => Refused | Promise<Refused>] }

/** Every refusal there is, with the detail that its words need; the type keeps the table complete. */
const cases: Cases = {
  'no-rollout': [{ service }, () => createDrive().say({ type: 'pause', reason: '' })],
  'rollout-active': [
    { version: '5.1.0', stage: 'preparing' },
    async () => {
      const { rollouts, command } = await firstStarted()
      const second = await rollouts.start({ ...command, id: 'second' })
      return 'refusal' in second ? second : { refusal: null }
    },
  ],
  'said-before': [
    { version: '5.1.0', moment: 'ended' },
    async () => {
      const { rollouts, command } = await firstStarted()
      const head = { at: 2, by: requester }
      await rollouts.execute(1, { ...head, type: 'roll-back', id: 'back', reason: '', forced: true })
      await rollouts.execute(1, {
        ...head,
        type: 'record-restored',
        id: 'restored',
        from: 0,
        steps: [],
        restoredAt: 2,
      })
      const second = await rollouts.start({ ...command, id: 'second', at: 1 })
      return 'refusal' in second ? second : { refusal: null }
    },
  ],
  'terminal-unproven': [{ what: 'skip soak' }, () => at('soaking').say({ type: 'skip-soak', reason: 'r' }, terminal)],
  'version-mismatch': [
    { asked: '5.2.0', running: '5.1.0' },
    () => at('soaked').say({ type: 'advance', version: '5.2.0' }),
  ],
  'observes-only': [{ what: 'roll back' }, () => observed().say({ type: 'roll-back', reason: '', forced: true })],
  'report-missing': [{ version: '5.1.0' }, () => start(null)],
  'report-other-image': [
    { version: '5.1.0', image: 'other@sha256:1', wanted: spec.image },
    () => start({ image: 'other@sha256:1' }),
  ],
  'report-expired': [{ version: '5.1.0', at: createDrive().now }, () => start({ validFor: 0 })],
  'report-not-ready': [{ version: '5.1.0', blocks: 2 }, () => start({ blocks: 2 })],
  'report-other-configuration': [{ version: '5.1.0', image: spec.image }, () => start({ otherConfiguration: true })],
  'rollout-over': [{ stage: 'rolled-back' }, () => rollBack(at('rolled-back'))],
  frozen: [
    { title: 'Weekend', until: 1_000, zone: 'UTC', role: 'commander', how: '/deploy override <reason>' },
    () => {
      const drive = at('soaked')
      drive.holds = { freeze: { title: 'Weekend', from: 0, until: 1_000, zone: 'UTC' } }
      return drive.say({ type: 'advance' })
    },
  ],
  locked: [
    {
      ...{ by: requester.name, at: 5, reason: 'an incident' },
      ...{ role: 'commander', how: '/deploy override <reason>' },
    },
    () => {
      const drive = at('soaked')
      drive.holds = {
        lock: { id: 'l', by: requester, at: 5, reason: 'an incident' },
        freeze: { title: 'Weekend', from: 0, until: 1_000, zone: 'UTC' },
      }
      return drive.say({ type: 'advance' })
    },
  ],
  'not-possible-now': [
    { what: 'soak on', stage: 'soaking', instead: 'No decision is awaited now.' },
    () => at('soaking').say({ type: 'extend-soak', ms: minute }),
  ],
  'already-asked': [
    { phase: 1, by: requester.name, missing: ['commander', 'sre'] },
    () => at('awaiting-sign-off').say({ type: 'advance' }),
  ],
  'request-decided': [
    { phase: 1, how: 'signed', by: 'SRE', at: createDrive().now },
    () => at('shifting').say({ type: 'approve', request: 3, roles: ['sre'], holders: [] }, holderOf('sre')),
  ],
  'request-expired': [
    { phase: 1, at: createDrive().now + spec.signOffExpires },
    () => {
      const drive = at('awaiting-sign-off')
      drive.wait(spec.signOffExpires)
      return approve(drive, 'sre')
    },
  ],
  'plan-changed': [
    { phase: 1, changes: [{ field: 'plan.image', before: spec.image.replace('5.1.0', '5.0.9'), after: spec.image }] },
    () => {
      const history = at('awaiting-sign-off').events
      const drive = createDrive(
        history.map((e) => (e.type === 'sign-off-requested' ? { ...e, plan: e.plan.replace('5.1.0', '5.0.9') } : e)),
      )
      return approve(drive, 'sre')
    },
  ],
  'no-request': [
    { stage: 'soaking' },
    () => at('soaking').say({ type: 'approve', request: 0, roles: ['sre'], holders: [] }, holderOf('sre')),
  ],
  'choose-role': [
    {
      offers: [
        { role: 'commander', reachable: true },
        { role: 'sre', reachable: false },
      ],
    },
    () => {
      const known = { commander: ['U000SRE'], sre: ['U000SRE', 'U000DEVOPS'] }
      const both = { roles: ['sre', 'commander'], holders: [], known } as const
      return at('awaiting-sign-off').say({ type: 'approve', request: 3, ...both }, holderOf('sre'))
    },
  ],
  'role-not-needed': [
    { role: 'devops', roles: ['commander', 'sre'] },
    () => {
      const both = { role: 'devops', roles: ['sre', 'devops'], holders: [] } as const
      return at('awaiting-sign-off').say({ type: 'approve', request: 3, ...both }, holderOf('devops'))
    },
  ],
  'not-signed': [
    { phase: 1 },
    () => {
      const drive = at('awaiting-sign-off')
      drive.say({ type: 'pause', reason: '' })
      sign(drive)
      return drive.say({ type: 'withdraw', request: 3 }, holderOf('devops'))
    },
  ],
  'quorum-met': [
    { phase: 1, observed: false },
    () => {
      const drive = at('awaiting-sign-off')
      drive.say({ type: 'pause', reason: '' })
      sign(drive)
      return drive.say({ type: 'withdraw', request: 3 }, holderOf('sre'))
    },
  ],
  'may-not-cancel': [
    { by: requester.name, roles: ['commander'], holders: ['@U000COMMANDER'] },
    () =>
      at('awaiting-sign-off').say(
        { type: 'cancel', request: 3, roles: ['sre'], holders: ['@U000COMMANDER'] },
        holderOf('sre'),
      ),
  ],
  'nudged-already': [
    { by: requester.name, at: createDrive().now, again: createDrive().now + 5 * minute },
    () => {
      const drive = at('awaiting-sign-off')
      const nudge = { type: 'nudge', request: 3, known: { sre: ['U000SRE'] } } as const
      drive.say(nudge)
      drive.wait(5 * minute - 1)
      return drive.say(nudge)
    },
  ],
  'nobody-to-nudge': [
    { phase: 1 },
    () => at('awaiting-sign-off').say({ type: 'nudge', request: 3, known: { devops: ['U000DEVOPS'] } }),
  ],
  'no-such-checkpoint': [
    { phase: 1 },
    () => at('awaiting-sign-off').say({ type: 'tick-checkpoint', checkpoint: 1, roles: ['sre'], holders: [] }),
  ],
  'already-ticked': [
    { by: 'SRE', at: createDrive().now },
    () => {
      const drive = withFirstPhase({ checkpoints: [{ text: 'it works', role: 'sre' }] })
      const tick = { type: 'tick-checkpoint', checkpoint: 1, roles: ['sre'], holders: [] } as const
      drive.say(tick, holderOf('sre'))
      return drive.say(tick, holderOf('commander'))
    },
  ],
  'role-not-held': [
    { roles: ['commander', 'sre'], holders: ['SRE'] },
    () =>
      at('awaiting-sign-off').say(
        { type: 'approve', request: 3, roles: ['devops'], holders: ['SRE'] },
        holderOf('devops'),
      ),
  ],
  'requester-may-not-sign': [
    { phase: 1 },
    () => approve(withFirstPhase({ requesterMaySign: false }), 'sre', requester),
  ],
  'already-signed': [
    { role: 'sre', at: createDrive().now },
    () => {
      const drive = at('awaiting-sign-off')
      approve(drive, 'sre')
      return approve(drive, 'commander', holderOf('sre'))
    },
  ],
  'slot-taken': [
    { role: 'sre', by: 'SRE', at: createDrive().now },
    () => {
      const drive = at('awaiting-sign-off')
      approve(drive, 'sre')
      return approve(drive, 'sre', holderOf('devops'))
    },
  ],
  'already-rolling-back': [
    { by: requester.name, at: at('rolling-back').state.rollback?.orderedAt ?? 0 },
    () => rollBack(at('rolling-back')),
  ],
  'already-paused': [
    { by: requester.name, at: createDrive().now },
    () => {
      const drive = at('soaking')
      drive.say({ type: 'pause', reason: '' })
      return drive.say({ type: 'pause', reason: '' })
    },
  ],
  'in-charge-already': [{ name: requester.name }, () => at('soaking').say({ type: 'hand-over', to: requester })],
  'not-paused': [{}, () => at('soaking').say({ type: 'resume' })],
  'is-paused': [
    { by: requester.name, at: at('soaked').now },
    () => {
      const drive = at('soaked')
      drive.say({ type: 'pause', reason: '' })
      return drive.say({ type: 'advance' })
    },
  ],
  'request-unknown': [
    {},
    () => at('soaking').say({ type: 'approve', request: 99, roles: ['sre'], holders: [] }, holderOf('sre')),
  ],
  'skip-asked-already': [
    { by: requester.name, roles: ['commander'] },
    () => {
      const drive = at('soaking')
      drive.say({ type: 'skip-soak', reason: 'seen enough' })
      return drive.say({ type: 'skip-soak', reason: 'really' })
    },
  ],
  'traffic-already': [{ weight: 5 }, () => at('soaking').say({ type: 'abort', reason: '' })],
  'record-lost': [
    { weight: 5 },
    () => {
      const drive = at('soaking')
      drive.say({ ...parts, type: 'record-newer-fence', weight: 5, fence: { rollout: 1, version: 99 } })
      return drive.say({ type: 'advance' })
    },
  ],
  'clean-up-pending': [{ version: '5.1.0', stage: 'complete' }, () => at('complete').say({ type: 'advance' })],
}

for (const [code, [detail, refused]] of Object.entries(cases))
  it(`refuses with ${code}`, async () => {
    const { refusal } = await refused()
    expect(refusal).toEqual({ code, detail })
  })

it('says what would work instead of the next phase, stage by stage', () => {
  const instead = (drive: ReturnType<typeof at>) => {
    const { refusal } = drive.say({ type: 'advance' })
    return refusal !== null && 'instead' in refusal.detail ? refusal.detail.instead : null
  }
  expect(instead(at('soaking'))).toMatch(/Wait until the soak has passed/)
  expect(instead(at('waiting'))).toMatch(/accept \(with a reason\) or roll back/)
  expect(instead(at('released'))).toMatch(/completes by itself/)
  const failed = at('shifting')
  failed.say({ type: 'record-step-failed', step: 'shift', phase: 1, code: 'x', what: 'w', todo: 't' })
  expect(instead(failed)).toMatch(/Retry/)
})

it('starts nothing from a report of another version', () => {
  expect(start({ version: '5.2.0' }).refusal).toEqual({ code: 'report-missing', detail: { version: '5.1.0' } })
})

it('accepts no wish that needs a decision or a failure where there is none', () => {
  const drive = at('soaking')
  const accept = { type: 'accept-targets', reason: 'known', roles: ['commander'], holders: [] } as const
  expect(drive.say(accept).refusal?.code).toBe('not-possible-now')
  expect(drive.say({ type: 'retry' }).refusal?.code).toBe('not-possible-now')
  expect(drive.say({ type: 'finish' }).refusal?.code).toBe('not-possible-now')
})

it('holds and moves nothing once a rollback was ordered', () => {
  for (const stage of ['rolling-back', 'rollback-failed', 'rolled-back'] as const) {
    const drive = at(stage)
    const code = stage === 'rolled-back' ? 'rollout-over' : 'already-rolling-back'
    for (const type of ['resume', 'retry', 'take-over'] as const) expect(drive.say({ type }).refusal?.code).toBe(code)
    for (const type of ['pause', 'abort'] as const) expect(drive.say({ type, reason: '' }).refusal?.code).toBe(code)
  }
  expect(at('rolling-back').say({ type: 'advance' }).refusal?.code).toBe('already-rolling-back')
})

it('answers a click on a request that a rollback ended', () => {
  const drive = at('awaiting-sign-off')
  rollBack(drive)
  restore(drive)
  const { refusal } = drive.say(
    { type: 'reject', request: 3, reason: 'no', roles: ['sre'], holders: [] },
    holderOf('sre'),
  )
  const detail = { phase: 1, how: 'ended', by: requester.name, at: drive.now }
  expect(refusal).toEqual({ code: 'request-decided', detail })
})

it('refuses the second signature of a phase that the first two have started', () => {
  const drive = at('awaiting-sign-off')
  const request = drive.state.request?.id ?? 0
  sign(drive)
  const late = drive.say({ type: 'approve', request, roles: ['commander'], holders: [] }, holderOf('commander'))
  expect(late.refusal?.code).toBe('request-decided')
})

import type { Outcome } from '../../src/rollout/commands.ts'
import type { Evidence, Figure } from '../../src/rollout/events.ts'
import { canarySize, type RolloutSpec } from '../../src/rollout/plan.ts'
import { missingRoles, openCheckpoints } from '../../src/rollout/sign-off.ts'
import { type Parts, phaseOf, type Stage } from '../../src/rollout/state.ts'
import { createDrive, type Drive, holderOf, spec, type Taken } from './drive.ts'

const minute = 60_000

export const goodFigures: readonly Figure[] = [
  { metric: 'error-rate', value: 0.0002, good: true },
  { metric: 'agents-failed', value: 0, good: null },
]
export const badFigures: readonly Figure[] = [{ metric: 'p95', value: 520, good: false }]

export const evidence: Evidence = {
  metric: 'error-rate',
  value: 0.0083,
  query: 'errors{track="green"}',
  readings: [{ at: 1, value: 0.0083 }],
  stableToo: false,
}

/** A missing number that counts as broken. */
export const withoutNumber: Evidence = { ...evidence, value: null, readings: [{ at: 1, value: null }] }

/** The parts of every rollout here, as it prepares them and as the mark on the cluster tells them. */
export const parts: Parts = {
  stable: 'blue',
  canary: 'green',
  stableSize: 10,
  stableImage: 'registry.example.com/claude-enhancer:5.0.9',
  canaryImage: 'registry.example.com/claude-enhancer:4.9.0',
}

export const prepared: Outcome = { type: 'record-prepared', ...parts }

/** A rollout that has just been started, from a valid report. */
export function started(of: RolloutSpec = spec, all = false): Drive {
  const drive = createDrive()
  const report = {
    id: 'report-1',
    version: of.version,
    image: of.image,
    validUntil: drive.now + 30 * minute,
    blocks: 0,
  }
  drive.say({ type: 'start', spec: of, report, ...(all && { all }) })
  return drive
}

export function prepare(drive: Drive): Taken {
  return drive.say(prepared)
}

/** One sign-off in a role, by its first holder. */
export function approve(drive: Drive, role: string, by = holderOf(role)): Taken {
  const request = drive.state.request?.id ?? 0
  return drive.say({ type: 'approve', request, roles: [role], holders: [] }, by)
}

/** Every checkpoint and every sign-off that the open request waits for, each by another person. */
export function sign(drive: Drive): void {
  const { request } = drive.state
  if (request === undefined) throw new Error('nothing to sign')
  look(drive)
  for (const role of missingRoles(drive.state, request)) approve(drive, role)
}

/** Every checkpoint of the next phase. */
export function look(drive: Drive): void {
  const next = drive.state.phase + 1
  const list = phaseOf(drive.state, next)?.checkpoints ?? []
  for (const checkpoint of openCheckpoints(drive.state, next)) {
    const { role = '' } = list[checkpoint - 1] ?? {}
    drive.say({ type: 'tick-checkpoint', checkpoint, roles: [role], holders: [] }, holderOf(role))
  }
}

/** The shift job's outcomes for the phase that was started last. */
export function shift(drive: Drive): Taken {
  const { state } = drive
  const { phase, weight: from } = state
  const found = phaseOf(state, phase)
  const weight = found?.weight ?? 0
  const replicas = found === undefined ? 1 : canarySize(found, parts.stableSize, state.spec.headroom)
  drive.say({ type: 'record-canary-ready', phase, replicas, ms: 900 })
  return drive.say({ type: 'record-shifted', phase, from, weight, steps: [{ name: 'patch', ms: 5 }] })
}

/** The watch's outcome when the soak, or the rollback window, is full. */
export function soak(drive: Drive, figures: readonly Figure[] = goodFigures): Taken {
  const { state } = drive
  const full = state.stage === 'released' ? state.spec.rollbackWindow : (phaseOf(state, state.phase)?.soak ?? 0)
  const observed = full + state.extraSoak
  drive.wait(observed)
  return drive.say({
    type: 'record-soak',
    of: state.stage === 'released' ? 'window' : 'soak',
    phase: state.phase,
    observed,
    figures,
  })
}

export function rollBack(drive: Drive, forced = false): Taken {
  return drive.say({ type: 'roll-back', reason: 'it looks wrong', forced })
}

export function restore(drive: Drive): Taken {
  return drive.say({ type: 'record-restored', from: drive.state.weight, steps: [], restoredAt: drive.now })
}

export function fail(drive: Drive, code = 'cluster-forbidden'): Taken {
  return drive.say({ type: 'record-rollback-failure', code, what: 'The API server refused.', todo: 'Patch by hand.' })
}

/** The way from one stage to the next, up to the end of the last soak. */
export function release(drive: Drive): void {
  prepare(drive)
  for (const { number } of drive.state.spec.phases) {
    if (number > 1) drive.say({ type: 'advance' })
    sign(drive)
    shift(drive)
    soak(drive)
  }
}

/** The stages of a rollout that Slipway drives; observed ones have their own tests. */
export type DrivenStage = Exclude<Stage, 'observing' | 'observed'>

function after(stage: DrivenStage, step: (drive: Drive) => void): () => Drive {
  return () => {
    const drive = at(stage)
    step(drive)
    return drive
  }
}

const ways: { readonly [S in DrivenStage]: () => Drive } = {
  preparing: () => started(),
  'awaiting-sign-off': after('preparing', prepare),
  shifting: after('awaiting-sign-off', sign),
  soaking: after('shifting', shift),
  soaked: after('soaking', soak),
  waiting: after('soaking', (drive) => soak(drive, badFigures)),
  released: after('preparing', release),
  complete: after('released', soak),
  'rolling-back': after('soaking', rollBack),
  'rollback-failed': after('rolling-back', fail),
  'rolled-back': after('rolling-back', restore),
}

/** Every one of them. */
export const stages: readonly DrivenStage[] = [
  'preparing',
  'awaiting-sign-off',
  'shifting',
  'soaking',
  'soaked',
  'waiting',
  'released',
  'complete',
  'rolling-back',
  'rollback-failed',
  'rolled-back',
]

/** A rollout in a stage, reached the usual way (in phase 1 where there is a choice). */
export function at(stage: DrivenStage): Drive {
  const drive = ways[stage]()
  if (drive.state.stage !== stage) throw new Error(`${drive.state.stage} instead of ${stage}`)
  return drive
}

/** The change that is open is gone. */
export function noDrift({ state }: Drive) {
  return { type: 'record-no-drift', since: state.drift?.at ?? 0 } as const
}

/** Every number is there again. */
export function sight({ state }: Drive) {
  return { type: 'record-sight', since: state.blind?.since ?? 0 } as const
}

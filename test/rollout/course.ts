import fc from 'fast-check'
import type { Outcome, Wish } from '../../src/rollout/commands.ts'
import type { Actor } from '../../src/rollout/events.ts'
import { missingRoles, openCheckpoints, requiredRoles } from '../../src/rollout/sign-off.ts'
import { isUnsigned } from '../../src/rollout/unsigned.ts'
import { config, type Drive, spec } from './drive.ts'
import { badFigures, evidence, goodFigures, parts, prepared, started, withoutNumber } from './ways.ts'

/** Eight people: one a role, a second SRE, one with every role, one with none. Who holds what can change from click to click. */
const everyRole = Object.keys(config.roles)
const people: readonly { readonly who: Actor; readonly roles: readonly string[] }[] = [
  ...everyRole.map((role) => ({ name: role, roles: [role] })),
  { name: 'night', roles: ['sre'] },
  { name: 'deputy', roles: everyRole },
  { name: 'guest', roles: [] },
].map(({ name, roles }) => ({ who: { id: `U000${name.toUpperCase()}`, name, via: 'slack' } as const, roles }))

/** Whom a nudge and a choice of role reckon with. */
const known = Object.fromEntries(
  everyRole.map((role) => [role, people.filter((p) => p.roles.includes(role)).map((p) => p.who.id)]),
)

/** A move names a kind of command; what it needs to know (which request, which phase) is taken from the state then. */
interface Move {
  readonly kind: (typeof kinds)[number]
  readonly who: number
  /** A phase or request that may be stale, and other choices. */
  readonly pick: number
  readonly flag: boolean
  /** ms that pass before. */
  readonly wait: number
  /** Take an earlier command's id instead of a fresh one. */
  readonly sameId: boolean
}

const kinds = [
  'onward',
  'advance',
  'advance-all',
  'approve',
  'reject',
  'withdraw',
  'cancel',
  'nudge',
  'tick-checkpoint',
  'soak-ending',
  'image-ids',
  'recheck',
  'roll-back',
  'pause',
  'resume',
  'retry',
  'extend-soak',
  'accept-targets',
  'finish',
  'prepared',
  'canary-ready',
  'shifted',
  'step-failed',
  'soak',
  'blind',
  'sight',
  'drift',
  'no-drift',
  'breach',
  'restored',
  'break-glass',
  'rollback-failure',
  'verified',
  'clean-up-held',
  'cleaned-up',
  'recovered',
  'page',
  'page-resolved',
  'tick',
  'skip-soak',
  'approve-skip',
  'reject-skip',
  'abort',
  'take-over',
  'newer-fence',
  'slack-away',
  'take-over-failed',
  'lock',
  'unlock',
  'override',
  'handover',
  'tracks',
  'weight',
  'kept-again',
] as const

const minute = 60_000

/** Rollbacks end a course: most moves lead onward, so that many courses go far. */
const rare: readonly Move['kind'][] = [
  'roll-back',
  'breach',
  'break-glass',
  'reject',
  'cancel',
  'newer-fence',
  'abort',
  'slack-away',
  'lock',
  'unlock',
  'override',
  'handover',
]
const kind = fc.oneof(
  { weight: 50, arbitrary: fc.constant('onward' as const) },
  ...kinds.slice(1).map((k) => ({ weight: rare.includes(k) ? 1 : 3, arbitrary: fc.constant(k) })),
)
const wait = fc.oneof(
  { weight: 30, arbitrary: fc.integer({ min: 0, max: 10_000 }) },
  { weight: 3, arbitrary: fc.constantFrom(10 * minute, 16 * minute) },
  { weight: 1, arbitrary: fc.constantFrom(30 * minute, 61 * minute) },
)
const move: fc.Arbitrary<Move> = fc.record({
  kind,
  who: fc.nat(people.length - 1),
  pick: fc.nat(5),
  flag: fc.boolean(),
  wait,
  sameId: fc.nat(19).map((n) => n === 0),
})

/** What a phase asks of people. */
const demands = fc.record({
  requesterMaySign: fc.boolean(),
  roles: fc.constantFrom(['commander', 'sre'], ['sre', 'sre'], ['sre', 'devops', 'sre'], ['quality-lead']),
  checkpoints: fc.constantFrom([], [], [{ text: 'it works', role: 'sre' }]),
})

/** A random way through a rollout; what is asked of people differs from phase to phase, and now and then all is asked at once. */
export const course = fc.record({
  all: fc.nat(3).map((n) => n === 0),
  demands: fc.tuple(demands, demands, demands, demands),
  moves: fc.array(move, { minLength: 5, maxLength: 90, size: 'max' }),
})
export type Course = typeof course extends fc.Arbitrary<infer C> ? C : never

/** Runs a course from the start of a rollout. */
export function play({ all, demands, moves }: Course, of = spec): Drive {
  const phases = of.phases.map((p, i) => ({ ...p, ...demands[i] }))
  const drive = started({ ...of, phases }, all)
  for (const m of moves) {
    drive.wait(m.wait)
    const who = people[m.who] ?? { who: drive.state.startedBy, roles: [] }
    const want = m.kind === 'onward' ? onward(drive, m) : wantOf(drive, m, who.roles)
    const signed = drive.state.request?.signOffs.at(-1)?.by
    const asWho =
      m.kind === 'onward' && want.type === 'approve'
        ? (signer(drive, m) ?? who.who)
        : m.kind === 'withdraw'
          ? (signed ?? who.who)
          : who.who
    const isOutcome = want.type.startsWith('record-') || want.type === 'tick'
    const earlier = drive.taken[m.pick]?.command.id
    // What was unlocked holds no longer when that is told.
    if (want.type === 'unlock') drive.holds = {}
    const isNew = !m.sameId || want.type === 'unlock' || want.type === 'lock'
    const { events, command } = drive.say(want, isOutcome ? undefined : asWho, isNew ? undefined : earlier)
    if (want.type === 'lock' && events.length > 0)
      drive.holds = { lock: { id: command.id, by: command.by, at: command.at, reason: want.reason } }
  }
  return drive
}

/** The first role that the open request waits for. */
function wantedRole(drive: Drive): string | undefined {
  const { request } = drive.state
  return request === undefined ? undefined : missingRoles(drive.state, request)[0]
}

function signer(drive: Drive, m: Move): Actor | undefined {
  const deputy = m.pick === 0 && m.flag
  const signed = drive.state.request?.signOffs.map((s) => s.by.id) ?? []
  return people
    .filter((p) => !signed.includes(p.who.id))
    .find((p) => (deputy ? p.roles.length > 2 : p.roles.includes(wantedRole(drive) ?? '')))?.who
}

/** What usually comes next. */
function onward(drive: Drive, m: Move): Wish | Outcome {
  const { state } = drive
  const usual = (kind: Move['kind'], flag = true) => wantOf(drive, { ...m, kind, flag }, everyRole)
  if (state.failure !== undefined) return usual(isUnsigned(state) ? 'override' : 'retry')
  if (state.paused !== undefined && m.flag) return usual('resume')
  if (state.drift !== undefined && m.flag)
    return usual(m.pick === 1 ? 'take-over' : m.pick === 2 ? 'take-over-failed' : 'no-drift')
  if (state.lost !== undefined && state.rollback === undefined)
    return usual(m.flag ? 'accept-targets' : 'roll-back', false)
  if (drive.holds.lock !== undefined && m.flag) return usual(m.pick === 1 ? 'override' : 'unlock')
  if (state.skip !== undefined && m.flag) return usual('approve-skip')
  if (state.blind !== undefined && m.flag) return usual('sight')
  switch (state.stage) {
    case 'preparing':
      return usual('prepared')
    case 'awaiting-sign-off': {
      const role = wantedRole(drive)
      const place = openCheckpoints(state, state.request?.phase ?? 0)[0]
      if (place !== undefined && (role === undefined || m.flag))
        return { type: 'tick-checkpoint', checkpoint: place, roles: everyRole, holders: [] }
      return { type: 'approve', request: state.request?.id ?? 0, roles: role === undefined ? [] : [role], holders: [] }
    }
    case 'shifting':
      return usual(state.canaryReadyPhase === state.phase ? 'shifted' : 'canary-ready')
    case 'soaking':
      if (m.pick === 4 && m.flag) return usual('soak-ending')
      if (m.pick === 3 && !m.flag) return usual('advance', false)
      return usual(m.pick === 5 && !m.flag ? 'skip-soak' : 'soak', m.flag || m.pick > 1)
    case 'released':
      return usual(m.pick === 5 && !m.flag ? 'skip-soak' : 'soak', m.flag || m.pick > 1)
    case 'soaked':
      return usual('advance', false)
    case 'waiting':
      return usual(m.pick < 3 ? 'tick' : m.flag ? 'accept-targets' : 'extend-soak')
    case 'rolling-back':
    case 'rollback-failed':
      return usual(m.pick > 3 ? 'restored' : m.flag ? 'rollback-failure' : 'roll-back')
    case 'observing':
      if (state.parts === undefined) return usual('tracks')
      return usual(m.pick < 2 ? 'weight' : m.pick === 2 && m.flag ? 'approve' : 'soak')
    case 'observed':
      return usual('tick')
    case 'rolled-back':
    case 'complete':
      return usual(m.flag ? 'cleaned-up' : 'recovered')
  }
}

function wantOf(drive: Drive, m: Move, roles: readonly string[]): Wish | Outcome {
  const { state, now } = drive
  const phase = m.pick === 0 ? state.phase - 1 : state.phase
  const weight = state.spec.phases.find((p) => p.number === phase)?.weight ?? 0
  const request = m.pick === 0 ? (state.decided.at(-1)?.id ?? 99) : (state.request?.id ?? 99)
  const failing = { code: m.flag ? 'cluster-forbidden' : 'cluster-unreachable', what: 'It failed.', todo: 'Mend it.' }
  const key = state.pages[m.pick]?.key ?? state.pages.at(-1)?.key ?? 'none'
  const steps = [{ name: 'patch', ms: 4 }]
  switch (m.kind) {
    case 'onward':
      return onward(drive, m)
    case 'advance':
      return m.flag ? { type: 'advance', version: state.spec.version } : { type: 'advance' }
    case 'approve': {
      const required = state.request === undefined ? everyRole : requiredRoles(state.spec, state.request.phases)
      const role = required.filter((r) => roles.includes(r))[m.pick]
      const chosen = m.flag && role !== undefined ? { role } : {}
      return { type: 'approve', request, ...chosen, roles, holders: [], known }
    }
    case 'reject':
      return { type: 'reject', request, reason: 'not like this', roles, holders: [] }
    case 'withdraw':
      return { type: 'withdraw', request }
    case 'cancel':
      return { type: 'cancel', request, roles, holders: [] }
    case 'nudge':
      return { type: 'nudge', request, known }
    case 'tick-checkpoint':
      return { type: 'tick-checkpoint', checkpoint: m.pick, roles, holders: [] }
    case 'soak-ending':
      return { type: 'record-soak-ending', phase, remaining: 10 * minute }
    case 'image-ids':
      return {
        type: 'record-image-ids',
        ids: m.pick < 4 ? ['sha256:a'] : ['sha256:b'],
        failure: { ...failing, code: 'image-changed' },
      }
    case 'recheck':
      return { type: 'record-recheck', request, judgement: 'ready', changes: [] }
    case 'advance-all':
      return { type: 'advance', all: true }
    case 'roll-back':
      return { type: 'roll-back', reason: 'it looks wrong', forced: m.flag }
    case 'pause':
      return { type: 'pause', reason: 'looking' }
    case 'resume':
    case 'retry':
    case 'finish':
      return { type: m.kind }
    case 'extend-soak':
      return { type: 'extend-soak', ms: 10 * minute }
    case 'accept-targets':
      return { type: 'accept-targets', reason: 'known', roles, holders: [] }
    case 'prepared':
      return prepared
    case 'canary-ready':
      return { type: 'record-canary-ready', phase, replicas: 2, ms: 900 }
    case 'shifted':
      return { type: 'record-shifted', phase, from: state.weight, weight, steps }
    case 'step-failed':
      return { type: 'record-step-failed', step: m.flag ? 'shift' : 'prepare', phase, ...failing }
    case 'soak': {
      const observed = m.pick === 1 ? minute : 2 * 60 * minute
      return {
        type: 'record-soak',
        of: (state.stage === 'released') === m.pick < 5 ? 'window' : 'soak',
        phase,
        observed,
        figures: m.flag ? goodFigures : badFigures,
      }
    }
    case 'blind':
      return { type: 'record-blind', metrics: [{ metric: m.flag ? 'p95' : 'error-rate', reason: 'empty' }] }
    case 'sight':
      return { type: 'record-sight', since: state.blind?.since ?? 0 }
    case 'drift':
      return { type: 'record-drift', what: m.flag ? 'weights changed' : 'image changed', manager: 'kubectl' }
    case 'no-drift':
      return { type: 'record-no-drift', since: state.drift?.at ?? 0 }
    case 'breach':
      return { type: 'record-breach', evidence: m.flag ? evidence : withoutNumber }
    case 'restored':
      return { type: 'record-restored', from: state.weight, steps, restoredAt: now }
    case 'break-glass': {
      const found = { type: 'record-break-glass', forced: m.flag, reason: 'kubectl', from: state.weight } as const
      const done = { ...found, steps, restoredAt: now - 500 }
      if (m.pick > 2) return { ...done, cause: 'breach', ...(m.flag && { evidence }) }
      return { ...done, cause: m.flag ? 'break-glass' : 'person' }
    }
    case 'rollback-failure':
      return { type: 'record-rollback-failure', ...failing }
    case 'verified':
      return { type: 'record-traffic-verified', track: 'blue' }
    case 'clean-up-held':
      return {
        type: 'record-clean-up-held',
        ...{ track: 'green', why: 'requests unknown', order: 'due' },
        ...(m.flag && { failed: true }),
      }
    case 'cleaned-up':
      return { type: 'record-cleaned-up', track: 'green' }
    case 'recovered':
      return m.pick > 3
        ? { type: 'record-recovery-not-seen' }
        : { type: 'record-stable-recovered', since: now - 5 * minute }
    case 'page':
      return { type: 'record-page', key, link: 'https://example.pagerduty.com/incidents/4711' }
    case 'page-resolved':
      return { type: 'record-page-resolved', key }
    case 'tick':
      return { type: 'tick', unreachableSince: null }
    case 'slack-away':
      return { type: 'tick', unreachableSince: now - (m.flag ? 40_000 : 6 * minute) }
    case 'skip-soak':
      return { type: 'skip-soak', reason: 'seen enough' }
    case 'approve-skip':
    case 'reject-skip':
      return { type: m.kind, request: m.pick === 0 ? 99 : (state.skip?.id ?? 99), roles, holders: [] }
    case 'abort':
      return { type: 'abort', reason: 'not today' }
    case 'take-over':
      return { type: 'take-over' }
    case 'lock':
      return { type: 'lock', reason: 'an incident elsewhere' }
    case 'unlock':
      return drive.holds.lock === undefined ? { type: 'resume' } : { type: 'unlock', was: drive.holds.lock }
    case 'handover':
      return { type: 'hand-over', to: people[m.pick]?.who ?? state.startedBy }
    case 'override':
      return { type: 'override', reason: 'it mends the incident', roles, holders: [] }
    case 'take-over-failed':
      return {
        type: 'record-take-over-failed',
        order: state.drift?.takenOver ?? 0,
        what: 'It failed.',
        todo: 'Mend it.',
      }
    case 'tracks':
      return { type: 'record-tracks', ...parts }
    case 'weight': {
      const seen = [0, 3, 5, 20, 50, 100][m.pick === 0 && m.flag ? 0 : 1 + ((m.who + m.pick) % 5)] ?? 5
      const image = m.flag ? state.spec.image : 'registry.example.com/claude-enhancer:odd'
      return { type: 'record-weight', weight: seen, manager: 'kubectl-edit', image, observed: m.who * minute }
    }
    case 'kept-again':
      return { type: 'record-recovered', metric: 'error-rate', since: now }
    case 'newer-fence': {
      const fence = {
        rollout: state.rollout + (m.pick === 0 ? 1 : 0),
        version: state.fenceFloor + state.version + m.pick,
      }
      return { ...parts, type: 'record-newer-fence', weight: m.flag ? state.weight : 100, fence }
    }
  }
}

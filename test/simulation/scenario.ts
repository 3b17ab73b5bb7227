import type { MissingReason } from '../../src/rollout/plan.ts'
import { createRandom, type Random } from './random.ts'

/** What Slipway talks to. */
export const systems = ['redis', 'slack', 'cluster', 'prometheus', 'pagerduty'] as const
export type System = (typeof systems)[number]

/**
 * What happens to one call. `refused`: it fails before acting. `lost`: it acts, then fails. `hung`: it acts and never answers.
 * `late`: it never answers and acts after the caller gave up. `slow`: others overtake it. `stall`: the process stands still while the answer is on
 * its way, and finds the world changed. The process may die just before or
 * just after it acts.
 */
export const callFaults = ['refused', 'lost', 'hung', 'late', 'slow', 'stall', 'crash-before', 'crash-after'] as const
export type CallFault = (typeof callFaults)[number]

/** A stretch of time, in ms since the run began. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** One system is away, for one process or (null) for all of them; calls fail at once or hang. Redis may still answer, and refuse to write. */
export interface Outage extends Span {
  readonly system: System
  readonly process: number | null
  readonly hangs: boolean
  readonly reads: boolean
}

/** The service itself is unwell: a limit broken, or only a target missed. */
export interface Illness extends Span {
  readonly who: 'canary' | 'stable' | 'both'
  readonly metric: 'errors' | 'slower' | 'agents'
  readonly grave: boolean
}

/** Prometheus has no number of a metric, or of anything (null). */
export interface Gap extends Span {
  readonly metric: string | null
  readonly reason: MissingReason
}

/** A process dies, or stands still and then goes on as if nothing had been; `to` is when it is there again. */
export interface Absence extends Span {
  readonly process: number
  readonly how: 'dies' | 'freezes'
}

/** Pods of a track are not ready; new ones don't start at all. */
export interface PodTrouble extends Span {
  readonly track: 'blue' | 'green'
  readonly share: number
  readonly stuck: boolean
}

/** Somebody changes something with kubectl, and changes it back later. */
export interface HandChange extends Span {
  readonly what: 'weights' | 'image' | 'size'
}

/** Redis comes back as it was a while ago, or empty. */
export interface RedisLoss {
  readonly at: number
  /** How many ms are lost; null: everything. */
  readonly lost: number | null
}

/** Clocks that differ. In the other scenarios every process and Redis have the true time. */
export interface Clocks {
  /** ms by which each machine's clock is off when a process starts on it. */
  readonly machines: readonly number[]
  /** Redis' own clock is set, or it fails over to a machine with another one: from when on, and how far it is off then, in ms. */
  readonly redis: readonly { readonly from: number; readonly off: number }[]
}

/** How people behave; probabilities for each time they look. */
export interface Temper {
  readonly wrongPerson: number
  readonly twice: number
  readonly oldButton: number
  readonly pause: number
  readonly skip: number
  readonly reject: number
  /** Asks for every phase at once. */
  readonly all: number
  /** Takes a sign-off back, cancels a request, reminds others. */
  readonly fickle: number
  readonly rollBack: number
  readonly status: number
  /** Locks the service. */
  readonly lock: number
}

/** Everything that a seed decides beforehand. Times are ms since the run began. */
export interface Scenario {
  readonly seed: number
  readonly processes: number
  readonly releases: number
  /** From then on nothing more goes wrong. */
  readonly faultsUntil: number
  readonly clocks: Clocks | null
  /** What the phases give the canary, in percent. */
  readonly weights: readonly number[]
  readonly callFaults: { readonly kinds: readonly CallFault[]; readonly chance: number }
  readonly outages: readonly Outage[]
  readonly illnesses: readonly Illness[]
  readonly gaps: readonly Gap[]
  readonly absences: readonly Absence[]
  readonly podTroubles: readonly PodTrouble[]
  readonly handChanges: readonly HandChange[]
  readonly terminalAt: readonly number[]
  readonly redisLosses: readonly RedisLoss[]
  readonly temper: Temper
  /** Whoever starts a release takes it back within seconds. */
  readonly thinksBetter: boolean
}

/** Kinds of faults that are known to be handled elsewhere, or not yet: left out of every scenario while false. */
export const enabled = {
  clocks: true,
  redisClock: false,
  redisLoss: true,
  latePage: true,
  longStall: true,
  handAfterEnd: true,
}

const second = 1_000

/** Plans as teams have them: by small steps, in two, or all at once after the sign-offs. */
const plans = [[5, 50, 100], [5, 100], [50, 100], [100]] as const

/** What a phase takes when all is well, in ms: sign-offs, shift, soak. */
const phaseTakes = 70_000

export function scenarioOf(seed: number): Scenario {
  const random = createRandom(seed * 2_654_435_761 + 12_345)
  const calm = random.chance(0.08)
  const faultsUntil = calm ? 0 : random.int(75, 225) * second
  // Each seed meets some kinds of faults only: what one kind would hide another shows.
  const some = <T>(probability: number, most: number, make: () => T): readonly T[] =>
    !calm && random.chance(probability) ? Array.from({ length: random.int(1, most) }, make) : []
  const span = (shortest: number, longest: number): Span => {
    const from = random.int(2, Math.max(3, faultsUntil / second - 10)) * second + random.int(0, 999)
    return { from, to: Math.min(faultsUntil, from + random.int(shortest, longest) * second) }
  }
  const processes = random.pick([1, 1, 2, 2, 2, 3, 1])
  const aProcess = () => random.int(0, processes - 1)
  const scenario: Scenario = {
    seed,
    processes,
    releases: random.chance(0.08) ? 2 : 1,
    faultsUntil,
    callFaults: {
      kinds: calm ? [] : callFaults.filter(() => random.chance(0.35)),
      chance: random.pick([0, 0.001, 0.003, 0.01, 0.03]),
    },
    outages: some(0.5, 3, () => ({
      ...span(1, 90),
      system: random.pick(systems),
      process: processes > 1 && random.chance(0.3) ? aProcess() : null,
      hangs: random.chance(0.4),
      reads: false,
    })),
    illnesses: some(0.45, 2, () => ({
      ...span(8, 150),
      who: random.pick(['canary', 'canary', 'canary', 'stable', 'both'] as const),
      metric: random.pick(['errors', 'errors', 'slower', 'agents'] as const),
      grave: random.chance(0.75),
    })),
    gaps: some(0.3, 3, () => ({
      ...span(5, 110),
      metric: random.pick([null, 'errors', 'slower', 'agents', 'requests']),
      reason: random.pick(['empty', 'not-finite', 'stale', 'several-series', 'failed'] as const),
    })),
    absences: some(0.5, 4, () => ({
      ...span(1, random.pick(enabled.longStall ? [10, 25, 70] : [10, 20])),
      process: aProcess(),
      how: random.pick(['dies', 'freezes'] as const),
    })),
    podTroubles: some(0.2, 2, () => ({
      ...span(5, 60),
      track: random.pick(['blue', 'green'] as const),
      share: random.pick([0.3, 0.6, 1]),
      stuck: random.chance(0.4),
    })),
    handChanges: some(0.15, 2, () => ({
      ...span(5, 60),
      what: random.pick(['weights', 'weights', 'image', 'size'] as const),
    })),
    terminalAt: some(0.08, 1, () => span(0, 0).from),
    redisLosses: enabled.redisLoss
      ? some(0.1, 1, () => ({ at: span(0, 0).from, lost: random.chance(0.3) ? null : random.int(1, 60) * second }))
      : [],
    temper: temperOf(random),
    thinksBetter: seed % 11 === 1,
    // Drawn last: the other scenarios stay as they are.
    clocks:
      enabled.clocks && !calm && seed % 7 === 0
        ? {
            machines: Array.from({ length: processes }, () => random.int(-60, 60) * second),
            redis: some(enabled.redisClock ? 0.5 : 0, 2, () => ({
              from: span(0, 0).from,
              off: random.int(-60, 60) * second,
            })),
          }
        : null,
    // Phases that only begin when nothing goes wrong any more show nothing.
    weights: random.pick(plans.filter((plan) => calm || plan.length * phaseTakes <= faultsUntil)),
  }
  const outages = scenario.outages.map((one) =>
    one.system === 'redis' && random.chance(0.4) ? { ...one, hangs: false, reads: true } : one,
  )
  return { ...scenario, outages }
}

function temperOf(random: Random): Temper {
  const now = (probability: number, value: number) => (random.chance(probability) ? value : 0)
  return {
    wrongPerson: now(0.3, 0.15),
    twice: now(0.3, 0.3),
    oldButton: now(0.2, 0.05),
    pause: now(0.2, 0.03),
    skip: now(0.15, 0.03),
    reject: now(0.2, 0.1),
    all: now(0.3, 0.7),
    fickle: now(0.3, 0.06),
    rollBack: now(0.25, 0.02),
    status: now(0.2, 0.05),
    lock: now(0.2, 0.02),
  }
}

/** By how much Redis' clock is off, `at` ms after the run began. */
export function redisOff({ redis }: Clocks, at: number): number {
  let last = { from: 0, off: 0 }
  for (const one of redis) if (one.from <= at && one.from >= last.from) last = one
  return last.off
}

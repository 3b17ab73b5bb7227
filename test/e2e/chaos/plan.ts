import type { EventType } from '../../../src/rollout/events.ts'
import type { LinkFault } from '../../../src/sandbox/fault-proxy.ts'
import { type Random, seededRandom } from '../../../src/sandbox/service/random.ts'
import { type Target, targets } from './links.ts'

/** Which of the two processes. */
export type Who = 'a' | 'b' | 'both'

/** What goes wrong with the bytes between two. */
export type ByteFault = Exclude<LinkFault, { kind: 'answer' }>

/** Something that goes wrong. Every one of them ends by itself after its `for` (ms). */
export type Fault =
  | { readonly kind: 'kill' | 'freeze'; readonly who: Who; readonly for: number }
  | {
      readonly kind: 'link'
      readonly who: Who
      readonly target: Target
      readonly fault: ByteFault
      readonly for: number
    }
  | { readonly kind: 'redis-killed'; readonly for: number }
  /** It answers, and refuses to write. */
  | { readonly kind: 'redis-refuses'; readonly for: number }
  | { readonly kind: 'master-killed'; readonly for: number }
  | { readonly kind: 'failover'; readonly for: number }

/** A fault and its moment: so many ms after the first event of a kind, or after the start of the run. */
export interface Planned {
  readonly after: EventType | 'start'
  readonly delay: number
  readonly fault: Fault
}

/**
 * How a run goes on: to its end; or something is broken, or somebody orders a rollback, once this event of this phase is
 * there.
 */
export type Course =
  | { readonly kind: 'complete' }
  | { readonly kind: 'breach' | 'rollback'; readonly after: EventType; readonly phase: number }

export interface Plan {
  readonly seed: number
  /** Behind sentinels or not. */
  readonly sentinels: boolean
  readonly course: Course
  readonly faults: readonly Planned[]
}

const moments: readonly EventType[] = [
  'rollout-started',
  'prepared',
  'sign-off-requested',
  'signed-off',
  'phase-started',
  'canary-ready',
  'traffic-shifted',
  'soak-passed',
  'window-opened',
  'breach-confirmed',
  'rollback-ordered',
  'weights-restored',
  'completed',
  'traffic-verified',
]

/** One run in three is behind sentinels. */
export const isBehindSentinels = (seed: number) => seed % 3 === 0

/** What a seed stands for. */
export function planOf(seed: number): Plan {
  // Seeds that are neighbours would begin alike.
  const random = seededRandom(seed * 7_919)
  const sentinels = isBehindSentinels(seed)
  const course = courseOf(random)
  const count = 2 + Math.floor(random() * 4)
  const faults = Array.from({ length: count }, () => plannedOf(random, sentinels))
  return { seed, sentinels, course, faults }
}

const pick = <const T>(random: Random, list: readonly [T, ...T[]]): T =>
  list[Math.floor(random() * list.length)] ?? list[0]
const between = (random: Random, low: number, high: number) => Math.round(low + random() * (high - low))

function courseOf(random: Random): Course {
  const kind = pick(random, ['complete', 'breach', 'rollback'])
  if (kind === 'complete') return { kind }
  if (kind === 'breach')
    return pick<Course>(random, [
      { kind, after: 'traffic-shifted', phase: 1 },
      { kind, after: 'soak-passed', phase: 1 },
      { kind, after: 'traffic-shifted', phase: 2 },
    ])
  return pick<Course>(random, [
    { kind, after: 'prepared', phase: 0 },
    { kind, after: 'phase-started', phase: 1 },
    { kind, after: 'traffic-shifted', phase: 1 },
    { kind, after: 'phase-started', phase: 2 },
  ])
}

function plannedOf(random: Random, sentinels: boolean): Planned {
  const timed = random() < 0.25
  const after = timed ? 'start' : pick<EventType | 'start'>(random, ['start', ...moments])
  const delay = timed ? between(random, 0, 8_000) : between(random, 0, 600)
  return { after, delay, fault: faultOf(random, sentinels) }
}

function faultOf(random: Random, sentinels: boolean): Fault {
  const who = pick<Who>(random, ['a', 'b', 'both'])
  const chance = random()
  if (chance < 0.4) return { kind: 'kill', who, for: between(random, 0, 2_000) }
  if (chance < 0.5) return { kind: 'freeze', who, for: between(random, 200, 6_000) }
  if (chance < 0.62) {
    if (!sentinels) return { kind: pick(random, ['redis-killed', 'redis-refuses']), for: between(random, 0, 3_000) }
    return { kind: pick(random, ['master-killed', 'failover']), for: between(random, 0, 1_500) }
  }
  const target = pick<Target>(random, ['redis', ...targets])
  // Some are away for longer than Slack's own client waits before it connects again.
  const longest = target === 'slack' && random() < 0.4 ? 12_000 : 2_500
  return { kind: 'link', who, target, fault: linkFaultOf(random), for: between(random, 100, longest) }
}

function linkFaultOf(random: Random): ByteFault {
  const kind = pick(random, ['cut', 'slow', 'stall', 'half'])
  return kind === 'slow' ? { kind, delay: between(random, 20, 700), jitter: 0.8 } : { kind }
}

/** A fault in a few words. */
export function faultText(fault: Fault): string {
  const lasting = `for ${fault.for} ms`
  switch (fault.kind) {
    case 'kill':
    case 'freeze':
      return `${fault.kind} ${fault.who} ${lasting}`
    case 'link': {
      const { kind } = fault.fault
      const how = kind === 'slow' ? `slow (${fault.fault.delay} ms)` : kind
      return `${fault.target} ${how} of ${fault.who} ${lasting}`
    }
    default:
      return `${fault.kind} ${lasting}`
  }
}

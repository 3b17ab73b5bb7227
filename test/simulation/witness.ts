import type { Sample } from '../../src/jobs/ports.ts'
import type { Readings } from '../../src/rollout/analysis.ts'
import type { Event } from '../../src/rollout/events.ts'
import { evolve } from '../../src/rollout/evolve.ts'
import type { Track } from '../../src/rollout/plan.ts'
import type { State } from '../../src/rollout/state.ts'
import type { ApiWitness, DeploymentTruth, RouteTruth } from './cluster/api.ts'
import { Broken } from './rules/broken.ts'
import type { Trace } from './trace.ts'

/** What the rules get to see, at the moment at which it happens. */
export interface Observations {
  readonly appended?: (rollout: number, events: readonly Event[], states: readonly State[]) => void
  readonly routeWritten?: (manager: string, before: RouteTruth, after: RouteTruth) => void
  readonly sized?: (manager: string, track: Track, before: DeploymentTruth, after: DeploymentTruth) => void
  readonly answered?: (process: string, asked: number, promql: string, sample: Sample) => void
  readonly looked?: (process: string, rollout: number, readings: Readings, counted: number) => void
  readonly incidentOpened?: (key: string) => void
  /** After everything that happens. */
  readonly stepped?: () => void
  /** Redis came back older or empty. */
  readonly rewound?: () => void
  /** When the run has come to rest. */
  readonly settled?: () => void
}

/** Sees what happens to the systems outside, from the ports' far side, and keeps the truth about the ledger. */
export interface Witness extends ApiWitness {
  appended(by: string, rollout: number, events: readonly Event[]): void
  answered(process: string, asked: number, promql: string, sample: Sample): void
  looked(process: string, rollout: number, readings: Readings, counted: number): void
  incidentOpened(key: string): void
  stepped(): void
  settled(): void
  /** What the ledger holds, by rollout. */
  readonly ledgers: ReadonlyMap<number, readonly Event[]>
  /** Every event that was ever appended to a rollout: also what Redis has lost since. */
  everAppended(rollout: number): readonly Event[]
  /** The state after each of its events. */
  statesOf(rollout: number): readonly State[]
  /** The fold of it. */
  stateOf(rollout: number): State | undefined
  wasRewound(): boolean
  /** Forgets what Redis has lost. */
  rewind(ledgers: ReadonlyMap<number, readonly Event[]>): void
  watchedBy(rules: readonly Observations[]): void
}

/** `onBroken` is told of the first rule that is broken, and of what breaks the fold itself. */
export function createWitness(trace: Trace, onBroken: (rule: string, how: string) => void): Witness {
  const ledgers = new Map<number, readonly Event[]>()
  const ever = new Map<number, Event[]>()
  const states = new Map<number, readonly State[]>()
  /** The last of each: asked for by several rules after every step. */
  const newest = new Map<number, State>()
  const stateOf = (rollout: number) => newest.get(rollout)
  let rules: readonly Observations[] = []
  let lost = false
  let steppers: readonly (() => void)[] = []

  /** Rules break quietly for the one they watch: only the run ends. */
  function see(what: () => void): void {
    try {
      what()
    } catch (error) {
      if (error instanceof Broken) onBroken(error.rule, error.message)
      else onBroken('ledger-whole', String(error))
    }
  }
  const tell = (what: (rule: Observations) => void) => see(() => rules.forEach(what))

  function append(by: string, rollout: number, events: readonly Event[]): void {
    const before = ledgers.get(rollout) ?? []
    ledgers.set(rollout, [...before, ...events])
    ever.set(rollout, [...(ever.get(rollout) ?? []), ...events])
    for (const event of events) trace(() => `${by} appends ${rollout}/${event.version} ${describe(event)}`)
    const after = folded(events, stateOf(rollout))
    remember(rollout, [...(states.get(rollout) ?? []), ...after])
    for (const rule of rules) rule.appended?.(rollout, events, after)
  }

  function remember(rollout: number, all: readonly State[]): void {
    states.set(rollout, all)
    const last = all.at(-1)
    if (last !== undefined) newest.set(rollout, last)
  }

  return {
    ledgers,
    everAppended: (rollout) => ever.get(rollout) ?? [],
    statesOf: (rollout) => states.get(rollout) ?? [],
    stateOf,
    watchedBy(list) {
      rules = list
      steppers = list.flatMap((rule) => (rule.stepped === undefined ? [] : [rule.stepped]))
    },
    wasRewound: () => lost,
    rewind(kept) {
      lost = true
      ledgers.clear()
      states.clear()
      newest.clear()
      for (const [rollout, events] of kept) {
        ledgers.set(rollout, events)
        remember(rollout, folded(events, undefined))
      }
      tell((rule) => rule.rewound?.())
    },
    appended: (...seen) => see(() => append(...seen)),
    routeWritten(manager, before, after) {
      trace(() => {
        const mark = after.mark
        const fence = mark === null ? 'no mark' : `${mark.rollout}/${mark.version}${mark.closed ? ' closed' : ''}`
        return `${manager} writes blue ${after.weights.blue} green ${after.weights.green} (${fence})`
      })
      tell((rule) => rule.routeWritten?.(manager, before, after))
    },
    sized(manager, track, before, after) {
      trace(() => `${manager} sizes ${track} ${before.replicas} -> ${after.replicas} ${after.image}`)
      tell((rule) => rule.sized?.(manager, track, before, after))
    },
    answered(...seen) {
      tell((rule) => rule.answered?.(...seen))
    },
    looked(process, rollout, readings, counted) {
      trace(() => `${process} looks at ${rollout}, counts ${counted} ms: ${textOf(readings)}`)
      tell((rule) => rule.looked?.(process, rollout, readings, counted))
    },
    incidentOpened(key) {
      trace(() => `incident ${key} is opened`)
      tell((rule) => rule.incidentOpened?.(key))
    },
    stepped() {
      see(() => {
        for (const step of steppers) step()
      })
    },
    settled() {
      tell((rule) => rule.settled?.())
    },
  }
}

/** The state after each event. */
function folded(events: readonly Event[], before: State | undefined): readonly State[] {
  let state = before ?? null
  return events.map((event) => {
    state = evolve(state, event)
    return state
  })
}

function describe(event: Event): string {
  const {
    v: _v,
    at: _at,
    command: _command,
    service: _service,
    rollout: _rollout,
    version: _version,
    type,
    ...rest
  } = event
  const text = JSON.stringify(rest)
  return `${type} ${text.length > 160 ? `${text.slice(0, 160)}…` : text}`
}

function textOf({ values }: Readings): string {
  const short = Object.entries(values).map(
    ([name, v]) => `${name} ${'missing' in v ? v.missing : v.value.toPrecision(2)}`,
  )
  return short.join(', ')
}

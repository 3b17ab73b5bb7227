import type { Random } from './random.ts'
import { type CallFault, enabled, type Scenario, type Span, type System } from './scenario.ts'
import type { Timeline } from './timeline.ts'

/** What goes wrong at which moment, by the scenario. */
export interface Faults {
  /** What happens to a call that this process makes now, which may only read; `away`: the system hangs. Null: nothing. */
  ofCall(system: System, process: number, reads: boolean): CallFault | 'away' | null
  isAway(system: System, process: number): boolean
  /** Is the system away for every process? */
  isGone(system: System): boolean
  isOver(): boolean
  /** Counts a fault that was met. */
  meet(name: string): void
  /** How often each was met. */
  readonly met: ReadonlyMap<string, number>
}

/** Redis is called a hundred times as often as PagerDuty: so that all of them fail now and then, they fail at different rates. */
const share: Readonly<Record<System, number>> = { redis: 1, slack: 6, cluster: 8, prometheus: 3, pagerduty: 10 }

export function createFaults(scenario: Scenario, timeline: Timeline, random: Random, began: number): Faults {
  const met = new Map<string, number>()
  const meet = (name: string) => void met.set(name, (met.get(name) ?? 0) + 1)
  const { kinds, chance } = scenario.callFaults
  const ofSystem = new Map<System, readonly Scenario['outages'][number][]>()
  for (const outage of scenario.outages) ofSystem.set(outage.system, [...(ofSystem.get(outage.system) ?? []), outage])
  const until = began + scenario.faultsUntil

  function outageOf(system: System, process: number) {
    const at = timeline.now - began
    return ofSystem.get(system)?.find((o) => isWithin(o, at) && (o.process === null || o.process === process))
  }

  return {
    met,
    meet,
    isOver: () => timeline.now >= until,
    isAway: (system, process) => outageOf(system, process) !== undefined,
    isGone(system) {
      const at = timeline.now - began
      return ofSystem.get(system)?.some((o) => isWithin(o, at) && o.process === null) ?? false
    },
    ofCall(system, process, reads) {
      if (timeline.now >= until) return null
      const outage = outageOf(system, process)
      if (outage !== undefined && !(outage.reads && reads)) {
        meet(outage.reads ? `${system} refuses to write` : `${system} away`)
        return outage.hangs ? 'away' : 'refused'
      }
      if (kinds.length === 0 || !random.chance(chance * share[system])) return null
      const kind = random.pick(kinds)
      if (kind === 'late' && system === 'pagerduty' && !enabled.latePage) return null
      meet(`${system} ${kind}`)
      return kind
    },
  }
}

/** Does a moment, in ms since the run began, lie in a stretch of time? */
export function isWithin(span: Span, at: number): boolean {
  return at >= span.from && at < span.to
}

import type { Sample } from '../../src/jobs/ports.ts'
import type { Track } from '../../src/rollout/plan.ts'
import type { RequestFlow } from './cluster/traffic.ts'
import { type Faults, isWithin } from './faults.ts'
import type { Random } from './random.ts'
import type { Illness, Scenario } from './scenario.ts'
import type { Timeline } from './timeline.ts'

/** The service under release as its figures show it. */
export interface Service {
  /** What Prometheus answers to a query of the simulation's specification. */
  answer(promql: string): Sample
  /** Does a limit lie broken at this moment, numbers available? `canary` is the track with the new image. */
  isBroken(canary: Track): boolean
  /** Could every number be had at this moment, as far as Prometheus is concerned? */
  isVisible(): boolean
}

interface Surroundings {
  readonly scenario: Scenario
  readonly timeline: Timeline
  readonly random: Random
  readonly faults: Faults
  readonly flow: RequestFlow
  readonly began: number
  /** The track with the release, as it stands now. */
  readonly canary: () => Track
  /** Since when a track is to have no pods (ms since 1970), or null. */
  readonly emptySince: (track: Track) => number | null
}

const query = /^(\w+)\{(\w*)(?:,(\w+))?\}\[(\d+)(ms|s)\]$/

export function createService(surroundings: Surroundings): Service {
  const { scenario, timeline, random, faults, flow, began, canary, emptySince } = surroundings
  const at = () => timeline.now - began

  const gapOf = (metric: string) =>
    scenario.gaps.find((g) => isWithin(g, at()) && (g.metric === null || g.metric === metric))

  function ills(metric: Illness['metric'], track: Track | null): readonly Illness[] {
    return scenario.illnesses.filter((i) => {
      if (i.metric !== metric || !isWithin(i, at())) return false
      if (i.who === 'both' || track === null) return true
      return (i.who === 'canary') === (track === canary())
    })
  }

  function figureOf(metric: string, track: Track, window: number): number | null {
    const near = () => 0.9 + random.next() / 5
    switch (metric) {
      case 'requests': {
        // Pods that are gone count nothing: there is no 0 to be had.
        const since = emptySince(track)
        return since !== null && timeline.now > since + window ? null : flow.count(track, window)
      }
      case 'errors': {
        if (flow.count(track, window) === 0) return null
        const found = ills('errors', track)
        return near() * (found.some((i) => i.grave) ? 0.2 : found.length > 0 ? 0.02 : 0.002)
      }
      case 'slower':
        return near() * (ills('slower', track).some((i) => i.grave) ? 5 : 1)
      default:
        return near() * (ills('agents', null).some((i) => i.grave) ? 20 : 1)
    }
  }

  return {
    answer(promql) {
      const [, metric = '', first = '', , amount = '', unit = ''] = query.exec(promql) ?? []
      if (metric === '') throw new Error(`the service model does not know ${promql}`)
      const gap = gapOf(metric)
      if (gap !== undefined) {
        faults.meet(`no number: ${gap.reason}`)
        return { missing: gap.reason, detail: 'by the scenario' }
      }
      const window = Number(amount) * (unit === 's' ? 1_000 : 1)
      const value = figureOf(metric, first === 'green' ? 'green' : 'blue', window)
      return value === null ? { missing: 'empty', detail: 'no requests' } : { value, at: timeline.now }
    },
    isBroken(track) {
      const share = flow.share(track)
      if (share === 0) return false
      return scenario.illnesses.some((i) => {
        if (!i.grave || !isWithin(i, at()) || gapOf(i.metric) !== undefined) return false
        if (i.metric === 'agents') return true
        if (i.who === 'stable') return false
        if (i.metric === 'slower') return share < 1
        return gapOf('requests') === undefined
      })
    },
    isVisible: () => !faults.isGone('prometheus') && scenario.gaps.every((g) => !isWithin(g, at())),
  }
}

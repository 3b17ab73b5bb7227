import type { Readings } from '../../../src/rollout/analysis.ts'
import { config } from '../spec.ts'
import { Broken } from './broken.ts'
import type { Rule } from './scene.ts'

const rule = 'soak-observed'
const { interval } = config.release

/** Between the moment a look learns the state and its end, in ms: a pause that begins meanwhile does not count yet. */
const underWay = 15_000

/**
 * Rule 3: a soak passes only when the simulation's own count agrees that so much time was observed: at most one interval a look,
 * every number there, not paused, nothing changed by somebody else.
 */
export const soakObserved: Rule = ({ outside: { witness, timeline } }) => {
  /** Queries without a number, by the process and the moment of asking. */
  const unanswered = new Set<string>()
  const counts = new Map<string, number>()
  const lastLook = new Map<string, number>()

  /** Since when a rollout has been held, by the true time: that in its state is its process's. */
  const held = new Map<number, number>()

  return {
    // Redis may have lost the last look, too: the next one counts for itself.
    rewound: () => lastLook.clear(),
    answered(process, asked, _promql, sample) {
      if ('missing' in sample) unanswered.add(`${process}@${asked}`)
    },
    looked(process, rollout, readings: Readings, counted) {
      const state = witness.stateOf(rollout)
      if (state === undefined) return
      const { phase, at } = readings
      // After a rollback nothing soaks: every look at stable counts.
      if (phase < 0) return
      const key = `${rollout}/${phase}`
      const since = lastLook.get(key) ?? state.phases.find((p) => p.phase === phase)?.shiftedAt ?? at
      lastLook.set(key, at)
      const complete =
        !unanswered.has(`${process}@${at}`) && Object.values(readings.values).every((value) => 'value' in value)
      if (counted > 0 && !complete) throw new Broken(rule, `${counted} ms were counted although numbers were missing`)
      // Redis may have lost the pause.
      const isOnRecord = state.paused !== undefined || state.drift !== undefined
      const isHeld = isOnRecord && (held.get(rollout) ?? Number.POSITIVE_INFINITY) + underWay < timeline.now
      if (counted > 0 && isHeld) throw new Broken(rule, `${counted} ms were counted although the rollout was held`)
      if (!complete || isHeld) return
      const time = Math.min(interval, Math.max(0, at - since))
      for (const soak of [key, `${rollout}/window`]) counts.set(soak, (counts.get(soak) ?? 0) + time)
    },
    appended(rollout, events, states) {
      const last = states.at(-1)
      if (last?.paused === undefined && last?.drift === undefined) held.delete(rollout)
      else held.set(rollout, held.get(rollout) ?? timeline.now)
      events.forEach((event, index) => {
        const { spec } = states[index] ?? {}
        if (event.type === 'window-opened') counts.set(`${rollout}/window`, interval)
        if (event.type === 'soak-passed' || event.type === 'decision-awaited') {
          const soak = spec?.phases.find((p) => p.number === event.phase)?.soak ?? Number.POSITIVE_INFINITY
          check(`${rollout}/${event.phase}`, soak, event.observed)
        }
        if (event.type === 'completed') check(`${rollout}/window`, spec?.rollbackWindow ?? 0, 0)
      })
    },
  }

  function check(soak: string, wanted: number, claimed: number): void {
    const own = counts.get(soak) ?? 0
    if (own + 1 < Math.max(wanted, claimed))
      throw new Broken(rule, `soak ${soak} passed with ${claimed} ms claimed, ${wanted} wanted, ${own} observed`)
  }
}

import { redisPatience } from '../../../src/ledger/redis.ts'
import { type Clocks, redisOff } from '../scenario.ts'
import { Broken } from './broken.ts'
import type { Rule } from './scene.ts'

const rule = 'clocks-agree'

/** How much faster or slower than the true time a clock may run that follows Redis (docs/decisions/clock.md). */
const slew = 0.05
/** What may come of rounding, and of half the round trip of a first answer, in ms. */
const rounding = 2
const halfTrip = redisPatience / 2

/**
 * What the decision about clocks promises: once a process has heard Redis, its clock never goes back, never leaps, and lies among the times that
 * Redis has told. So a soak ends by a twentieth too early at worst, and no sign-off expires because a machine's clock is off.
 */
export const clocksAgree: Rule = ({ outside: { scenario, timeline, began }, fleet }) => {
  const { clocks } = scenario
  if (clocks === null) return {}
  let [least, most] = [0, 0]
  /** Clocks that have heard Redis, as they stood at the last look. */
  const seen = new Map<string, { readonly at: number; readonly now: number }>()

  function look(differ: Clocks): void {
    const redis = redisOff(differ, timeline.now - began)
    least = Math.min(least, redis)
    most = Math.max(most, redis)
    for (const { process } of fleet.running()) {
      if (!process.heard()) continue
      const now = process.clock.now()
      const ahead = now - timeline.now
      if (ahead < least - halfTrip || ahead > most + halfTrip)
        throw new Broken(rule, `the clock of ${process.name} is ${ahead} ms off, Redis was by ${least} to ${most}`)
      const before = seen.get(process.name)
      seen.set(process.name, { at: timeline.now, now })
      if (before === undefined) continue
      const passed = timeline.now - before.at
      if (Math.abs(now - before.now - passed) > slew * passed + rounding)
        throw new Broken(rule, `the clock of ${process.name} went by ${now - before.now} ms in ${passed} ms`)
    }
  }

  return { stepped: () => look(clocks) }
}

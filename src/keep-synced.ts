import type { Log } from './jobs/world.ts'
import type { SharedClock } from './shared-clock.ts'

/** Time between two looks at Redis' time, in ms. */
const every = 5_000
/** The same until the first answer: before it the time is the machine's own. */
const untilHeard = 250
/** A greater difference is told: a machine's clock is wrong, or it slept (ms). */
const notable = 1_000

/** Keeps a clock in step with Redis until the signal; while Redis is away the clock goes on by itself. */
export async function keepSynced(clock: SharedClock, log: Log, signal: AbortSignal): Promise<void> {
  let told = false
  let heard = false
  while (!signal.aborted) {
    const ahead = await clock.sync().catch(() => null)
    const far = ahead !== null && Math.abs(ahead) > notable
    if (far && !told) log.warn({ ahead: Math.round(ahead) }, 'Redis tells another time; it is followed slowly')
    if (ahead !== null) told = far
    heard ||= ahead !== null
    await clock.wait(heard ? every : untilHeard, signal).catch(() => undefined)
  }
}

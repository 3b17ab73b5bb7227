import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from './jobs/ports.ts'

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  wait: (ms, signal) => wait(ms, undefined, signal === undefined ? {} : { signal }),
}

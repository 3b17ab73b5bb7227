import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from './jobs/ports.ts'

/** `start` lets `Date.now` follow the shared clock: here it stays the machine's. */
const machineNow = Date.now

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => machineNow(),
  wait: (ms, signal) => wait(ms, undefined, signal === undefined ? {} : { signal }),
}

import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from './jobs/ports.ts'

/** Have fewer than `ms` passed since then? Not where time was before it: it may step back once, when Redis is first heard. */
export function isWithin(ms: number, since: number, now: number): boolean {
  const passed = now - since
  return passed >= 0 && passed < ms
}

/** `start` lets `Date.now` follow the shared clock: here it stays the machine's. */
const machineNow = Date.now

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => machineNow(),
  wait: (ms, signal) => wait(ms, undefined, signal === undefined ? {} : { signal }),
}

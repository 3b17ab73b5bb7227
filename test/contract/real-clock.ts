import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../../src/jobs/ports.ts'

/** The machine's own time: control planes don't follow another. */
export const realClock: Clock = {
  now: () => Date.now(),
  wait: (ms, signal) => delay(ms, undefined, signal ? { signal } : {}),
}

/** Waits until `holds` does, and fails after `limit` ms. */
export async function until(what: string, holds: () => Promise<boolean>, limit = 15_000): Promise<void> {
  const end = Date.now() + limit
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`Still not so after ${limit} ms: ${what}`)
    await delay(25)
  }
}

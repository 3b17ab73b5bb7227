import { setTimeout as delay } from 'node:timers/promises'

/** Waits until `holds` does, and fails after `limit` ms. */
export async function until(what: string, holds: () => Promise<boolean>, limit = 60_000): Promise<void> {
  const end = Date.now() + limit
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`Still not so after ${limit} ms: ${what}`)
    await delay(25)
  }
}

import type { DependencyCheck } from './http/server.ts'
import type { Clock } from './jobs/ports.ts'

/** Which outside systems answer, and since when. */
export interface Dependencies {
  /** Notes how a system is now; `since` changes only when that does. */
  told(name: string, ok: boolean, detail?: string): DependencyCheck
  checks(): Record<string, DependencyCheck>
}

export function createDependencies(clock: Clock): Dependencies {
  const known = new Map<string, DependencyCheck>()
  return {
    told(name, ok, detail) {
      const before = known.get(name)
      const since = before?.ok === ok ? before.since : new Date(clock.now()).toISOString()
      const check = { ok, since, ...(detail !== undefined && { detail }) }
      known.set(name, check)
      return check
    },
    checks: () => Object.fromEntries(known),
  }
}

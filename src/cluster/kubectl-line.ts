import type { Track } from '../rollout/plan.ts'
import type { Operation } from './json-patch.ts'
import { entry, identityTests } from './route-patch.ts'
import type { ManagedRoute } from './virtual-service.ts'
import { allTo } from './weights.ts'

/**
 * The `kubectl` command line that gives `stable` everything, by the indexes as they stand now: it tests the route's and the
 * destinations' names, so that an outdated line does nothing rather than harm. It leaves the mark alone; the next order of
 * Slipway finds weights that it did not expect, and stops.
 */
export function kubectlLine(namespace: string, virtualService: string, route: ManagedRoute, stable: Track): string {
  const weights = allTo(route, stable)
  const patch: readonly Operation[] = [
    ...identityTests(route),
    { op: 'add', path: entry(route, 'blue', 'weight'), value: weights.blue },
    { op: 'add', path: entry(route, 'green', 'weight'), value: weights.green },
  ]
  return `kubectl -n ${quote(namespace)} patch virtualservice ${quote(virtualService)} --type=json -p ${quote(JSON.stringify(patch))}`
}

/** Quotes a word for a POSIX shell where it needs to be. */
function quote(word: string): string {
  return /^[\w./:-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

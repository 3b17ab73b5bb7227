import type { Track } from '../rollout/plan.ts'
import type { ManagedRoute } from './find-route.ts'
import type { Operation } from './json-patch.ts'
import type { TrafficKind } from './route-object.ts'
import { identityTests, presentIn, weightPath } from './route-patch.ts'
import { allTo } from './weights.ts'

/**
 * The `kubectl` command line that gives `stable` everything, by the indexes as they stand now: it tests the route's and the
 * destinations' names, so that an outdated line does nothing rather than harm. It leaves the mark alone; the next order of
 * Slipway finds weights that it did not expect, and stops.
 */
export function kubectlLine(
  { kind, namespace, name }: { readonly kind: TrafficKind; readonly namespace: string; readonly name: string },
  route: ManagedRoute,
  stable: Track,
): string {
  const weights = allTo(route, stable)
  const patch: readonly Operation[] = [
    ...identityTests(route),
    ...presentIn(route).map(
      (track): Operation => ({ op: 'add', path: weightPath(route, track), value: weights[track] }),
    ),
  ]
  return `kubectl -n ${quote(namespace)} patch ${kind.title.toLowerCase()} ${quote(name)} --type=json -p ${quote(JSON.stringify(patch))}`
}

/** Quotes a word for a POSIX shell where it needs to be. */
function quote(word: string): string {
  return /^[\w./:-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

import type { Track } from '../rollout/plan.ts'
import type { ManagedRoute } from './find-route.ts'
import type { JsonPatch, Operation } from './json-patch.ts'
import { pointer } from './json-pointer.ts'
import { isTestable, markText, type StoredMark } from './mark.ts'
import { markAnnotation } from './names.ts'

/** What is to be written on a route: the mark, and the pair's weights unless they stay. */
export interface RouteChange {
  readonly weights?: Readonly<Record<Track, number>>
  readonly mark: StoredMark
  /** Also refuse when anything else of the object has changed since it was read. */
  readonly exactly?: true
}

const tracks = ['blue', 'green'] as const

/**
 * The patch that writes a change, and only if everything the change was decided on still holds: which route it is, whose
 * destinations, their weights, and the mark. What a `test` can't see (an absent field, a route without a name, text the API
 * server would escape) is covered by testing the object's version instead.
 */
export function routePatch(route: ManagedRoute, change: RouteChange): JsonPatch {
  return [...identityTests(route), ...stateTests(route, change), ...writes(route, change)]
}

/** Tests that the indexes still point at the route and the destinations they were read for. */
export function identityTests(route: ManagedRoute): readonly Operation[] {
  const named: readonly Operation[] =
    route.name === null ? [] : [{ op: 'test', path: route.path + pointer('name'), value: route.name }]
  return [...named, ...tracks.flatMap((track) => route.pair[track].identity)]
}

/** The tracks whose destinations the route holds. */
export function presentIn({ absent }: ManagedRoute): readonly Track[] {
  return tracks.filter((track) => track !== absent)
}

/** Where the weight of a managed destination stands. */
export function weightPath(route: ManagedRoute, track: Track): string {
  return route.pair[track].path + pointer('weight')
}

function stateTests(route: ManagedRoute, { exactly }: RouteChange): readonly Operation[] {
  const markTestable = route.markText !== undefined && isTestable(route.markText)
  const weightsTestable = tracks.every((track) => route.pair[track].written)
  const tests: Operation[] = []
  if (exactly || !markTestable || !weightsTestable || route.name === null) {
    tests.push({ op: 'test', path: '/metadata/resourceVersion', value: route.resourceVersion })
  }
  if (markTestable)
    tests.push({ op: 'test', path: pointer('metadata', 'annotations', markAnnotation), value: route.markText })
  for (const track of tracks) {
    const { written, weight } = route.pair[track]
    if (written) tests.push({ op: 'test', path: weightPath(route, track), value: weight })
  }
  return tests
}

function writes(route: ManagedRoute, { weights, mark }: RouteChange): readonly Operation[] {
  const operations: Operation[] = []
  for (const track of weights ? presentIn(route) : []) {
    const op = route.pair[track].written ? 'replace' : 'add'
    operations.push({ op, path: weightPath(route, track), value: weights?.[track] })
  }
  if (!route.annotated) operations.push({ op: 'add', path: '/metadata/annotations', value: {} })
  const op = route.markText === undefined ? 'add' : 'replace'
  operations.push({ op, path: pointer('metadata', 'annotations', markAnnotation), value: markText(mark) })
  return operations
}

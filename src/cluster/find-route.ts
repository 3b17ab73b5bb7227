import { SlipwayError } from '../errors.ts'
import type { Track } from '../rollout/plan.ts'
import { parseMark, type StoredMark } from './mark.ts'
import { markAnnotation } from './names.ts'
import type { Destination, DestinationEntry, RouteEntry, RouteObject, TrafficKind } from './route-object.ts'
import { isSameHost } from './service-host.ts'

/** The managed pair of destinations in one route of an object, as read. */
export interface ManagedRoute {
  /** For words: which object this is. */
  readonly what: string
  readonly resourceVersion: string
  /** JSON pointer of the route. */
  readonly path: string
  /** Null for the only route, unnamed. */
  readonly name: string | null
  readonly pair: Readonly<Record<Track, DestinationEntry>>
  /** The track whose destination the route does not hold: it gets nothing, and nothing can be written for it. */
  readonly absent: Track | null
  readonly sum: number
  readonly annotated: boolean
  readonly markText: string | undefined
  readonly mark: StoredMark | null
}

/**
 * Finds the managed pair. Throws `route-ambiguous` when several routes or destinations could be meant, `cluster-not-found`
 * when the route or one of the destinations is missing, `cluster-unreadable` for a broken mark. `dispensable`: the track whose destination
 * may be missing.
 */
export function findRoute(
  kind: TrafficKind,
  object: RouteObject,
  routeName: string | null,
  destinations: Readonly<Record<Track, Destination>>,
  dispensable: Track | null = null,
): ManagedRoute {
  const { what, metadata } = object
  const { annotations, resourceVersion, namespace } = metadata
  const route = pickRoute(kind, object, routeName)
  const pick = (track: Track) => pickDestination(what, route, destinations[track], namespace)
  const absent = dispensable !== null && pick(dispensable) === null ? dispensable : null
  const entryOf = (track: Track) => {
    const entry = track === absent ? { ...destinations[track], ...nothing } : pick(track)
    if (entry) return entry
    throw new SlipwayError('cluster-not-found', {
      what: `Destination ${destinationLabel(destinations[track])} in ${what}`,
    })
  }
  const pair = { blue: entryOf('blue'), green: entryOf('green') }
  // Two ways to write one host would make one destination of two tracks.
  if (pair.blue.path === pair.green.path)
    throw new SlipwayError('route-ambiguous', { what, names: 'blue and green lead to one destination' })
  const text = annotations?.[markAnnotation]
  return {
    what,
    resourceVersion,
    path: route.path,
    name: route.name,
    pair,
    absent,
    sum: pair.blue.weight + pair.green.weight,
    annotated: annotations !== undefined,
    markText: text,
    mark: parseMark(what, text),
  }
}

/** What the route says of a destination that it does not hold. */
const nothing = { path: '', weight: 0, written: false, identity: [] } as const

function pickRoute(kind: TrafficKind, { what, routes }: RouteObject, name: string | null): RouteEntry {
  const found = routes
    .map((route, index) => ({ route, index }))
    .filter(({ route }) => name === null || route.name === name)
  const [only, ...others] = found
  if (!only) throw new SlipwayError('cluster-not-found', { what: `${kind.route} ${name ?? '(any)'} of ${what}` })
  if (others.length > 0) {
    const names = found.map(({ route, index }) => route.name ?? `number ${index + 1}, unnamed`).join(', ')
    throw new SlipwayError('route-ambiguous', { what, names })
  }
  return only.route
}

/** Null where the route does not hold it. */
function pickDestination(
  what: string,
  route: RouteEntry,
  wanted: Destination,
  namespace: string,
): DestinationEntry | null {
  const found = route.destinations
    .map((entry, index) => ({ entry, index }))
    .filter(({ entry }) => entry.subset === wanted.subset && isSameHost(entry.host, wanted.host, namespace))
  const [only, ...others] = found
  if (!only) return null
  if (others.length > 0) {
    const label = destinationLabel(wanted)
    const names = found.map(({ index }) => `${label} as destination number ${index + 1}`).join(', ')
    throw new SlipwayError('route-ambiguous', { what, names })
  }
  return only.entry
}

function destinationLabel({ host, subset }: Destination): string {
  return subset === undefined ? host : `${host}, subset ${subset}`
}

import { z } from 'zod'
import { SlipwayError } from '../errors.ts'
import type { Track } from '../rollout/plan.ts'
import { parseMark, type StoredMark } from './mark.ts'
import { markAnnotation } from './names.ts'

/** A destination of a route, as the VirtualService names it. */
export interface Destination {
  readonly host: string
  readonly subset?: string
}

/** What Slipway reads of a VirtualService; everything else passes through untouched. */
export const virtualServiceSchema = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string(),
    resourceVersion: z.string(),
    annotations: z.record(z.string(), z.string()).exactOptional(),
    managedFields: z
      .array(
        z.looseObject({
          manager: z.string().exactOptional(),
          time: z.string().exactOptional(),
          fieldsV1: z.record(z.string(), z.unknown()).exactOptional(),
        }),
      )
      .exactOptional(),
  }),
  spec: z.looseObject({
    http: z
      .array(
        z.looseObject({
          name: z.string().exactOptional(),
          route: z
            .array(
              z.looseObject({
                destination: z.looseObject({ host: z.string(), subset: z.string().exactOptional() }),
                weight: z.int().nonnegative().exactOptional(),
              }),
            )
            .exactOptional(),
        }),
      )
      .exactOptional(),
  }),
})

export type VirtualService = z.infer<typeof virtualServiceSchema>
type HttpRoute = NonNullable<VirtualService['spec']['http']>[number]

/** One of the two managed destinations, where it stands in the route. */
interface ManagedDestination {
  readonly index: number
  /** The whole `destination`, with fields Slipway doesn't know. */
  readonly destination: Destination
  readonly weight: number
  /** Is the weight written down? Istio takes an absent one for 0. */
  readonly written: boolean
}

/** The managed pair of destinations in one HTTP route of a VirtualService, as read. */
export interface ManagedRoute {
  /** For words: which object this is. */
  readonly what: string
  readonly resourceVersion: string
  readonly index: number
  /** Null for the only route, unnamed. */
  readonly name: string | null
  readonly pair: Readonly<Record<Track, ManagedDestination>>
  readonly sum: number
  readonly annotated: boolean
  readonly markText: string | undefined
  readonly mark: StoredMark | null
}

/** How people call a VirtualService. */
export function nameOf(virtualService: VirtualService): string {
  return `VirtualService ${virtualService.metadata.namespace}/${virtualService.metadata.name}`
}

/**
 * Finds the managed pair. Throws `route-ambiguous` when several routes or destinations could be meant, `cluster-not-found`
 * when the route or one of the destinations is missing, `cluster-unreadable` for a broken mark.
 */
export function findRoute(
  virtualService: VirtualService,
  routeName: string | null,
  destinations: Readonly<Record<Track, Destination>>,
): ManagedRoute {
  const what = nameOf(virtualService)
  const { annotations, resourceVersion } = virtualService.metadata
  const { index, route } = pickRoute(what, virtualService.spec.http ?? [], routeName)
  const pair = {
    blue: pickDestination(what, route, destinations.blue),
    green: pickDestination(what, route, destinations.green),
  }
  const text = annotations?.[markAnnotation]
  return {
    what,
    resourceVersion,
    index,
    name: route.name ?? null,
    pair,
    sum: pair.blue.weight + pair.green.weight,
    annotated: annotations !== undefined,
    markText: text,
    mark: parseMark(what, text),
  }
}

function pickRoute(what: string, http: readonly HttpRoute[], name: string | null) {
  const found = http
    .map((route, index) => ({ route, index }))
    .filter(({ route }) => name === null || route.name === name)
  const [only, ...others] = found
  if (!only) throw new SlipwayError('cluster-not-found', { what: `HTTP route ${name ?? '(any)'} of ${what}` })
  if (others.length > 0) {
    const names = found.map(({ route, index }) => route.name ?? `number ${index + 1}, unnamed`).join(', ')
    throw new SlipwayError('route-ambiguous', { what, names })
  }
  return only
}

function pickDestination(what: string, route: HttpRoute, wanted: Destination): ManagedDestination {
  const found = (route.route ?? [])
    .map((entry, index) => ({ entry, index }))
    .filter(({ entry }) => entry.destination.host === wanted.host && entry.destination.subset === wanted.subset)
  const [only, ...others] = found
  const label = destinationLabel(wanted)
  if (!only) throw new SlipwayError('cluster-not-found', { what: `Destination ${label} in ${what}` })
  if (others.length > 0) {
    const names = found.map(({ index }) => `${label} as destination number ${index + 1}`).join(', ')
    throw new SlipwayError('route-ambiguous', { what, names })
  }
  const { destination, weight } = only.entry
  return { index: only.index, destination, weight: weight ?? 0, written: weight !== undefined }
}

function destinationLabel({ host, subset }: Destination): string {
  return subset === undefined ? host : `${host}, subset ${subset}`
}

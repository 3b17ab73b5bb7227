import { z } from 'zod'
import type { Operation } from './json-patch.ts'

/** A destination as the configuration and the mark name it. */
export interface Destination {
  /** A Service's host, short or with its namespace. */
  readonly host: string
  /** An Istio subset; other kinds have none. */
  readonly subset?: string
}

/** What Slipway reads of the metadata of an object that splits traffic; everything else passes through untouched. */
export const routeMetadata = z.looseObject({
  name: z.string(),
  namespace: z.string(),
  resourceVersion: z.string(),
  labels: z.record(z.string(), z.string()).exactOptional(),
  annotations: z.record(z.string(), z.string()).exactOptional(),
  ownerReferences: z
    .array(z.looseObject({ apiVersion: z.string(), kind: z.string(), name: z.string() }))
    .exactOptional(),
  managedFields: z
    .array(
      z.looseObject({
        manager: z.string().exactOptional(),
        time: z.string().exactOptional(),
        fieldsV1: z.record(z.string(), z.unknown()).exactOptional(),
      }),
    )
    .exactOptional(),
})

/** One destination of a route, where it stands in its object. */
export interface DestinationEntry extends Destination {
  /** JSON pointer of the entry that carries the weight. */
  readonly path: string
  readonly weight: number
  /** Is the weight written down? An absent one stands for the kind's own default. */
  readonly written: boolean
  /** Hold as long as the entry is about this destination. */
  readonly identity: readonly Operation[]
}

/** One route of an object: a rule with destinations that share its traffic by weight. */
export interface RouteEntry {
  /** Null for one without a name. */
  readonly name: string | null
  /** JSON pointer of the route. */
  readonly path: string
  readonly destinations: readonly DestinationEntry[]
  /** Whom its requests go to as it stands, and copies of them; a mirror counts whatever its share. */
  readonly sendsTo: readonly Destination[]
}

/** An object that splits traffic, of whatever kind. */
export interface RouteObject {
  /** For words: `VirtualService market/shop`. */
  readonly what: string
  readonly metadata: z.infer<typeof routeMetadata>
  /** In their order in the object. */
  readonly routes: readonly RouteEntry[]
}

/** A kind of object that the API server may serve. */
export interface ObjectKind {
  /** How people, and kubectl, call it. */
  readonly title: string
  readonly resource: { readonly group: string; readonly version: string; readonly plural: string }
}

/** A kind of object that splits traffic by weight: where it is, and how it is read. Everything else is the same for all. */
export interface TrafficKind extends ObjectKind {
  /** The member of its spec that holds the routes. */
  readonly field: string
  /** How one of its routes is called. */
  readonly route: string
  /** Throws a ZodError for anything else than such an object. */
  read(object: unknown): RouteObject
}

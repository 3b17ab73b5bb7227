import type { V1Deployment, V1Pod } from '@kubernetes/client-node'
import { z } from 'zod'
import { type Autoscaler, readAutoscaler } from '../../../src/cluster/autoscaler.ts'
import { findRoute } from '../../../src/cluster/find-route.ts'
import type { JsonPatch } from '../../../src/cluster/json-patch.ts'
import { parseMark, type StoredMark } from '../../../src/cluster/mark.ts'
import { markAnnotation } from '../../../src/cluster/names.ts'
import type { RouteObject } from '../../../src/cluster/route-object.ts'
import { virtualService as kind } from '../../../src/cluster/virtual-service.ts'
import { percentOf } from '../../../src/cluster/weights.ts'
import type { Track } from '../../../src/rollout/plan.ts'
import { type JsonObject, member } from '../../../src/sandbox/cluster/json.ts'
import { applyJsonPatch, PatchFailed } from '../../../src/sandbox/cluster/json-patch.ts'
import { config } from '../spec.ts'
import type { Pods } from './kubelet.ts'

/** How the route stands: the pair's weights in percent, and Slipway's mark. */
export interface RouteTruth {
  readonly weights: Readonly<Record<Track, number>>
  readonly mark: StoredMark | null
}

export interface DeploymentTruth {
  readonly image: string
  readonly replicas: number
}

/** The API server's objects. Patches are applied as a whole or not at all. */
export interface Api {
  readonly object: RouteObject
  readonly route: RouteTruth
  deployment(track: Track): DeploymentTruth
  readDeployment(name: string): V1Deployment | null
  pods(): readonly V1Pod[]
  readyPods(track: Track): number
  /** False when a `test` fails. */
  patchRoute(manager: string, patch: JsonPatch): boolean
  patchDeployment(manager: string, name: string, patch: JsonPatch): boolean
  /** One for each track, of the Deployment's name. */
  autoscalers(): readonly JsonObject[]
  /** A track's autoscaler as Slipway reads it. */
  autoscaler(track: Track): Autoscaler | null
  patchAutoscaler(name: string, patch: JsonPatch): boolean
}

export interface ApiWitness {
  routeWritten(manager: string, before: RouteTruth, after: RouteTruth): void
  sized(manager: string, track: Track, before: DeploymentTruth, after: DeploymentTruth): void
}

const tracks = ['blue', 'green'] as const
const { cluster } = config
const destinations = { blue: cluster.tracks.blue.destination, green: cluster.tracks.green.destination }

const deploymentSchema = z.looseObject({
  metadata: z.looseObject({
    resourceVersion: z.string(),
    generation: z.number(),
    annotations: z.record(z.string(), z.string()),
  }),
  spec: z.looseObject({
    replicas: z.number(),
    template: z.looseObject({
      spec: z.looseObject({ containers: z.array(z.looseObject({ name: z.string(), image: z.string() })) }),
    }),
  }),
})

interface StoredDeployment {
  readonly json: JsonObject
  readonly parsed: z.infer<typeof deploymentSchema>
}

export const labelsOf = (track: Track) => ({ app: config.service, track })

export function createApi(
  pods: Readonly<Record<Track, Pods>>,
  images: Readonly<Record<Track, string>>,
  sizes: Readonly<Record<Track, number>>,
  witness: ApiWitness,
): Api {
  let writes = 100
  let virtualService = parsed(firstVirtualService())
  let route = truthOf(virtualService.object)
  const stored: Record<Track, StoredDeployment> = {
    blue: keep(firstDeployment('blue', images.blue, sizes.blue)),
    green: keep(firstDeployment('green', images.green, sizes.green)),
  }
  for (const track of tracks) pods[track].want(images[track], sizes[track])

  const autoscalers = { blue: scaler(firstAutoscaler('blue')), green: scaler(firstAutoscaler('green')) }

  const trackOf = (name: string) => tracks.find((track) => cluster.tracks[track].deployment === name)
  const deployment = (track: Track): DeploymentTruth => {
    const { spec } = stored[track].parsed
    return { image: spec.template.spec.containers[0]?.image ?? '', replicas: spec.replicas }
  }

  return {
    get object() {
      return virtualService.object
    },
    get route() {
      return route
    },
    deployment,
    readDeployment(name) {
      const track = trackOf(name)
      if (track === undefined) return null
      const { metadata, spec } = stored[track].parsed
      return {
        metadata: { ...metadata, name, namespace: cluster.namespace },
        spec: {
          replicas: spec.replicas,
          selector: { matchLabels: labelsOf(track) },
          template: {
            metadata: { labels: labelsOf(track) },
            spec: { containers: spec.template.spec.containers.map(({ name: of, image }) => ({ name: of, image })) },
          },
        },
        status: { readyReplicas: pods[track].ready(), observedGeneration: pods[track].observed },
      }
    },
    readyPods: (track) => pods[track].ready(),
    pods: () => [...pods.blue.list(), ...pods.green.list()],
    patchRoute(manager, patch) {
      const changed = patched(virtualService.json, patch)
      if (changed === null) return false
      writes += 1
      const before = route
      const written = touched(changed, writes)
      virtualService = parsed({
        ...written,
        metadata: { ...member(written, 'metadata'), managedFields: [managed(manager)] },
      })
      route = truthOf(virtualService.object)
      witness.routeWritten(manager, before, route)
      return true
    },
    patchDeployment(manager, name, patch) {
      const track = trackOf(name)
      const changed = track === undefined ? null : patched(stored[track].json, patch)
      if (track === undefined || changed === null) return false
      writes += 1
      const before = deployment(track)
      stored[track] = keep(touched(changed, writes))
      const after = deployment(track)
      if (before.image !== after.image || before.replicas !== after.replicas) {
        const generation = stored[track].parsed.metadata.generation + 1
        const metadata = { ...member(stored[track].json, 'metadata'), generation }
        stored[track] = keep({ ...stored[track].json, metadata })
        pods[track].want(after.image, after.replicas)
      }
      witness.sized(manager, track, before, after)
      return true
    },
    autoscalers: () => tracks.map((track) => autoscalers[track].json),
    autoscaler: (track) => autoscalers[track].read,
    patchAutoscaler(name, patch) {
      const track = trackOf(name)
      const changed = track === undefined ? null : patched(autoscalers[track].json, patch)
      if (track === undefined || changed === null) return false
      writes += 1
      autoscalers[track] = scaler(touched(changed, writes))
      return true
    },
  }
}

/** An autoscaler's minimum before the first release. */
export const ownMinimum = 2

function firstAutoscaler(track: Track): JsonObject {
  const { namespace, tracks } = cluster
  const name = tracks[track].deployment
  return {
    metadata: { name, namespace, resourceVersion: '1' },
    spec: { minReplicas: ownMinimum, maxReplicas: 20, scaleTargetRef: { kind: 'Deployment', name } },
  }
}

function scaler(json: JsonObject) {
  return { json, read: readAutoscaler(json) }
}

function patched(json: JsonObject, patch: JsonPatch): JsonObject | null {
  try {
    return applyJsonPatch(json, JSON.parse(JSON.stringify(patch)))
  } catch (error) {
    if (error instanceof PatchFailed) return null
    throw error
  }
}

function touched(json: JsonObject, writes: number): JsonObject {
  return { ...json, metadata: { ...member(json, 'metadata'), resourceVersion: String(writes) } }
}

function keep(json: JsonObject): StoredDeployment {
  return { json, parsed: deploymentSchema.parse(json) }
}

function parsed(json: JsonObject) {
  return { json, object: kind.read(json) }
}

function truthOf(object: RouteObject): RouteTruth {
  const route = findRoute(kind, object, cluster.traffic.route ?? null, destinations)
  const mark = parseMark('the route', object.metadata.annotations?.[markAnnotation])
  return { weights: { blue: percentOf(route, 'blue'), green: percentOf(route, 'green') }, mark }
}

function managed(manager: string): JsonObject {
  return { manager, fieldsV1: { 'f:spec': { 'f:http': {} } } }
}

function firstVirtualService(): JsonObject {
  return {
    metadata: { name: cluster.traffic.name, namespace: cluster.namespace, resourceVersion: '1', annotations: {} },
    spec: {
      hosts: [config.service],
      http: [
        {
          ...(cluster.traffic.route !== undefined && { name: cluster.traffic.route }),
          route: tracks.map((track) => ({
            destination: { ...destinations[track] },
            weight: track === 'blue' ? 100 : 0,
          })),
        },
      ],
    },
  }
}

function firstDeployment(track: Track, image: string, replicas: number): JsonObject {
  return {
    metadata: {
      name: cluster.tracks[track].deployment,
      namespace: cluster.namespace,
      resourceVersion: '1',
      generation: 1,
      annotations: {},
    },
    spec: { replicas, template: { spec: { containers: [{ name: cluster.container, image }] } } },
  }
}

import { z } from 'zod'
import type { ClusterConfig } from '../config/config.ts'
import { SlipwayError } from '../errors.ts'
import type { ReadingClient } from './client.ts'
import type { ManagedFields } from './last-manager.ts'
import type { ObjectKind, RouteObject } from './route-object.ts'

/** A controller that moves weights by itself, and what of it was found. */
interface Controller {
  readonly name: string
  readonly evidence: string
}

/** An object as far as it tells who looks after it. */
interface Looked {
  readonly what: string
  readonly owners: readonly { readonly apiVersion: string; readonly kind: string; readonly name: string }[]
  readonly managedFields: readonly ManagedFields[]
}

/** By the names that they write under. */
const managers = new Map([
  ['rollouts-controller', 'Argo Rollouts'],
  ['argo-rollouts', 'Argo Rollouts'],
  ['flagger', 'Flagger'],
])

/** By the objects that own what they made. */
const owners = new Map([
  ['argoproj.io/Rollout', 'Argo Rollouts'],
  ['flagger.app/Canary', 'Flagger'],
])

const rollouts: ObjectKind = {
  title: 'Rollout',
  resource: { group: 'argoproj.io', version: 'v1alpha1', plural: 'rollouts' },
}
const canaries: ObjectKind = {
  title: 'Canary',
  resource: { group: 'flagger.app', version: 'v1beta1', plural: 'canaries' },
}

const named = z.looseObject({ name: z.string() })
const routed = z.looseObject({ httpRoute: z.string().optional(), httpRoutes: z.array(named).optional() })
const rollout = z.looseObject({
  metadata: named,
  spec: z.looseObject({
    workloadRef: z.looseObject({ kind: z.string(), name: z.string() }).optional(),
    strategy: z
      .looseObject({
        canary: z
          .looseObject({
            trafficRouting: z
              .looseObject({
                istio: z
                  .looseObject({ virtualService: named.optional(), virtualServices: z.array(named).optional() })
                  .optional(),
                plugins: z.looseObject({ 'argoproj-labs/gatewayAPI': routed.optional() }).optional(),
              })
              .optional(),
          })
          .optional(),
      })
      .optional(),
  }),
})
const canary = z.looseObject({
  metadata: named,
  spec: z.looseObject({
    targetRef: z.looseObject({ kind: z.string(), name: z.string() }),
    service: z.looseObject({ name: z.string().optional() }).optional(),
  }),
})

/**
 * Controllers that write the same weights or Deployments: by the field managers and the owners of these objects, and by their own
 * resources where those can be read. Each with the first evidence of it.
 */
export async function otherControllers(
  client: ReadingClient,
  config: ClusterConfig,
  route: RouteObject,
): Promise<readonly Controller[]> {
  const names = [config.tracks.blue.deployment, config.tracks.green.deployment]
  const deployments = await Promise.all(names.map((name) => client.readDeployment(name)))
  const looked: readonly Looked[] = [
    {
      what: route.what,
      owners: route.metadata.ownerReferences ?? [],
      managedFields: route.metadata.managedFields ?? [],
    },
    ...deployments.map(({ metadata }, index) => ({
      what: `Deployment ${client.namespace}/${names[index]}`,
      owners: metadata?.ownerReferences ?? [],
      managedFields: metadata?.managedFields ?? [],
    })),
  ]
  const [ofRollouts, ofCanaries] = await Promise.all([
    listIfReadable(client, rollouts),
    listIfReadable(client, canaries),
  ])
  const found = [
    ...looked.flatMap(byOwner),
    ...looked.flatMap(byManager),
    ...ofRollouts.flatMap((object) => byRollout(object, config, names)),
    ...ofCanaries.flatMap((object) => byCanary(object, config, names)),
  ]
  return found.filter(({ name }, index) => found.findIndex((one) => one.name === name) === index)
}

/** Neither a kind that isn't installed nor one that may not be looked at says that there is no such controller. */
async function listIfReadable(client: ReadingClient, kind: ObjectKind): Promise<readonly unknown[]> {
  try {
    return await client.listObjects(kind)
  } catch (error) {
    if (error instanceof SlipwayError && ['cluster-not-found', 'cluster-forbidden'].includes(error.code)) return []
    throw error
  }
}

function byOwner({ what, owners: references }: Looked): readonly Controller[] {
  return references.flatMap(({ apiVersion, kind, name: owner }) => {
    const name = owners.get(`${apiVersion.split('/')[0]}/${kind}`)
    return name === undefined ? [] : [{ name, evidence: `${what} belongs to ${kind} ${owner}` }]
  })
}

function byManager({ what, managedFields }: Looked): readonly Controller[] {
  return managedFields.flatMap(({ manager = '', fieldsV1 }) => {
    const name = managers.get(manager)
    const wrote = fieldsV1 !== undefined && 'f:spec' in fieldsV1
    return name === undefined || !wrote ? [] : [{ name, evidence: `field manager ${manager} has written ${what}` }]
  })
}

function byRollout(object: unknown, config: ClusterConfig, deployments: readonly string[]): readonly Controller[] {
  const { data } = rollout.safeParse(object)
  if (data === undefined) return []
  const { workloadRef, strategy } = data.spec
  const { istio, plugins } = strategy?.canary?.trafficRouting ?? {}
  const gateway = plugins?.['argoproj-labs/gatewayAPI']
  const routes =
    config.traffic.kind === 'http-route'
      ? [gateway?.httpRoute, ...(gateway?.httpRoutes ?? []).map(({ name }) => name)]
      : [istio?.virtualService?.name, ...(istio?.virtualServices ?? []).map(({ name }) => name)]
  const works = workloadRef?.kind === 'Deployment' && deployments.includes(workloadRef.name)
  if (!works && !routes.includes(config.traffic.name)) return []
  const names = works ? `Deployment ${workloadRef.name}` : config.traffic.name
  return [{ name: 'Argo Rollouts', evidence: `Rollout ${data.metadata.name} names ${names}` }]
}

function byCanary(object: unknown, config: ClusterConfig, deployments: readonly string[]): readonly Controller[] {
  const { data } = canary.safeParse(object)
  if (data === undefined) return []
  const { targetRef, service } = data.spec
  // Flagger calls the route that it writes after the service, or else after the workload.
  const writes = (service?.name ?? targetRef.name) === config.traffic.name
  const works = targetRef.kind === 'Deployment' && deployments.includes(targetRef.name)
  if (!works && !writes) return []
  const names = works ? `Deployment ${targetRef.name}` : config.traffic.name
  return [{ name: 'Flagger', evidence: `Canary ${data.metadata.name} names ${names}` }]
}

/** A kind of object that is served. */
export interface Resource {
  readonly group: string
  readonly plural: string
  readonly kind: string
  readonly namespaced: boolean
  /** What raises `metadata.generation`: any field but metadata and status, with `annotations` those too. */
  readonly generation: 'none' | 'fields' | 'fields-and-annotations'
}

const istio = 'networking.istio.io'

/** All of version v1. */
export const resources = [
  { group: '', plural: 'namespaces', kind: 'Namespace', namespaced: false, generation: 'none' },
  { group: '', plural: 'pods', kind: 'Pod', namespaced: true, generation: 'none' },
  { group: '', plural: 'services', kind: 'Service', namespaced: true, generation: 'none' },
  { group: 'apps', plural: 'deployments', kind: 'Deployment', namespaced: true, generation: 'fields-and-annotations' },
  { group: istio, plural: 'virtualservices', kind: 'VirtualService', namespaced: true, generation: 'fields' },
  { group: istio, plural: 'destinationrules', kind: 'DestinationRule', namespaced: true, generation: 'fields' },
] as const satisfies readonly Resource[]

export type Plural = (typeof resources)[number]['plural']

export function resourceOf(plural: Plural): Resource {
  const found = resources.find((resource) => resource.plural === plural)
  if (!found) throw new Error(`No resource ${plural}`)
  return found
}

/** `v1` or `apps/v1`. */
export function apiVersionOf({ group }: Resource): string {
  return group === '' ? 'v1' : `${group}/v1`
}

/** `pods` or `deployments.apps`, as the API server's messages say it. */
export function qualifiedName({ group, plural }: Resource): string {
  return group === '' ? plural : `${plural}.${group}`
}

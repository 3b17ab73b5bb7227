/** A kind of object that is served. */
export interface Resource {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly kind: string
  readonly namespaced: boolean
  /** What raises `metadata.generation`: any field but metadata and status, with `annotations` those too. */
  readonly generation: 'none' | 'fields' | 'fields-and-annotations'
  /** Fields that a selector may name, besides an object's name and namespace. */
  readonly selectable?: readonly string[]
  /** Kept nowhere: whoever creates one gets an answer to a question. */
  readonly asked?: true
}

const core = { group: '', version: 'v1', namespaced: true, generation: 'none' } as const
const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1', namespaced: true, generation: 'none' } as const
const istio = { group: 'networking.istio.io', version: 'v1', namespaced: true, generation: 'fields' } as const

/** All that is served. Adding a kind is a line here: it is kept, listed, watched and patched like every other. */
export const resources = [
  { ...core, plural: 'namespaces', kind: 'Namespace', namespaced: false },
  { ...core, plural: 'nodes', kind: 'Node', namespaced: false, selectable: ['spec.unschedulable'] },
  { ...core, plural: 'pods', kind: 'Pod', selectable: ['spec.nodeName', 'spec.restartPolicy', 'status.phase'] },
  { ...core, plural: 'services', kind: 'Service' },
  { ...core, plural: 'serviceaccounts', kind: 'ServiceAccount' },
  { ...core, plural: 'configmaps', kind: 'ConfigMap' },
  { ...core, plural: 'secrets', kind: 'Secret', selectable: ['type'] },
  { ...core, plural: 'resourcequotas', kind: 'ResourceQuota' },
  { ...core, plural: 'limitranges', kind: 'LimitRange' },
  { ...core, plural: 'persistentvolumeclaims', kind: 'PersistentVolumeClaim' },
  {
    ...core,
    plural: 'events',
    kind: 'Event',
    selectable: ['involvedObject.kind', 'involvedObject.name', 'involvedObject.uid', 'reason', 'type'],
  },
  {
    group: 'apps',
    version: 'v1',
    plural: 'deployments',
    kind: 'Deployment',
    namespaced: true,
    generation: 'fields-and-annotations',
  },
  { group: 'batch', version: 'v1', plural: 'jobs', kind: 'Job', namespaced: true, generation: 'none' },
  { group: 'batch', version: 'v1', plural: 'cronjobs', kind: 'CronJob', namespaced: true, generation: 'none' },
  {
    group: 'policy',
    version: 'v1',
    plural: 'poddisruptionbudgets',
    kind: 'PodDisruptionBudget',
    namespaced: true,
    generation: 'fields',
  },
  {
    group: 'autoscaling',
    version: 'v2',
    plural: 'horizontalpodautoscalers',
    kind: 'HorizontalPodAutoscaler',
    namespaced: true,
    generation: 'none',
  },
  // The same objects in their older version.
  {
    group: 'autoscaling',
    version: 'v1',
    plural: 'horizontalpodautoscalers',
    kind: 'HorizontalPodAutoscaler',
    namespaced: true,
    generation: 'none',
  },
  { ...rbac, plural: 'roles', kind: 'Role' },
  { ...rbac, plural: 'rolebindings', kind: 'RoleBinding' },
  { ...rbac, plural: 'clusterroles', kind: 'ClusterRole', namespaced: false },
  { ...rbac, plural: 'clusterrolebindings', kind: 'ClusterRoleBinding', namespaced: false },
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    plural: 'selfsubjectaccessreviews',
    kind: 'SelfSubjectAccessReview',
    namespaced: false,
    generation: 'none',
    asked: true,
  },
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    plural: 'selfsubjectrulesreviews',
    kind: 'SelfSubjectRulesReview',
    namespaced: false,
    generation: 'none',
    asked: true,
  },
  { ...istio, plural: 'virtualservices', kind: 'VirtualService' },
  { ...istio, plural: 'destinationrules', kind: 'DestinationRule' },
  {
    group: 'gateway.networking.k8s.io',
    version: 'v1',
    plural: 'httproutes',
    kind: 'HTTPRoute',
    namespaced: true,
    generation: 'fields',
  },
] as const satisfies readonly Resource[]

export type Plural = (typeof resources)[number]['plural']

export function resourceOf(plural: Plural): Resource {
  const found = resources.find((resource) => resource.plural === plural)
  if (!found) throw new Error(`No resource ${plural}`)
  return found
}

/** `v1` or `apps/v1`. */
export function apiVersionOf({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`
}

/** `pods` or `deployments.apps`, as the API server's messages say it. */
export function qualifiedName({ group, plural }: Resource): string {
  return group === '' ? plural : `${plural}.${group}`
}

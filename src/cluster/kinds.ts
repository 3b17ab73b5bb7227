import { z } from 'zod'
import { labelSelector } from './label-selector.ts'

/** A kind that readiness lists: where it is served and what is read of it. */
export interface Kind<T> {
  /** Plural, as in paths and in RBAC. */
  readonly plural: string
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
  readonly namespaced: boolean
  readonly schema: z.ZodType<T>
}

const kind = <T>(definition: Kind<T>): Kind<T> => definition

const metadata = z.looseObject({
  name: z.string(),
  namespace: z.string().exactOptional(),
  labels: z.record(z.string(), z.string()).exactOptional(),
})
/** Amounts by resource, in Kubernetes' notation: `cpu: 500m`. */
const amounts = z.record(z.string(), z.string())

const asking = z.looseObject({
  restartPolicy: z.string().exactOptional(),
  resources: z.looseObject({ requests: amounts.exactOptional(), limits: amounts.exactOptional() }).exactOptional(),
})

/** Pods, as far as they take room. */
export const pods = kind({
  plural: 'pods',
  group: '',
  version: 'v1',
  namespaced: true,
  schema: z.looseObject({
    metadata,
    spec: z.looseObject({
      nodeName: z.string().exactOptional(),
      containers: z.array(asking),
      initContainers: z.array(asking).exactOptional(),
      overhead: amounts.exactOptional(),
    }),
    status: z.looseObject({ phase: z.string().exactOptional() }).exactOptional(),
  }),
})

export const nodes = kind({
  plural: 'nodes',
  group: '',
  version: 'v1',
  namespaced: false,
  schema: z.looseObject({
    metadata,
    spec: z.looseObject({
      unschedulable: z.boolean().exactOptional(),
      taints: z.array(z.looseObject({ key: z.string(), effect: z.string() })).exactOptional(),
    }),
    // A node that has just been made known says nothing of itself yet.
    status: z
      .looseObject({
        allocatable: amounts.exactOptional(),
        conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).exactOptional(),
      })
      .prefault({}),
  }),
})

export const resourceQuotas = kind({
  plural: 'resourcequotas',
  group: '',
  version: 'v1',
  namespaced: true,
  schema: z.looseObject({
    metadata,
    spec: z.looseObject({ scopes: z.array(z.string()).exactOptional(), scopeSelector: z.unknown().exactOptional() }),
    status: z.looseObject({ hard: amounts.exactOptional(), used: amounts.exactOptional() }).exactOptional(),
  }),
})

export const disruptionBudgets = kind({
  plural: 'poddisruptionbudgets',
  group: 'policy',
  version: 'v1',
  namespaced: true,
  schema: z.looseObject({
    metadata,
    spec: z.looseObject({ selector: labelSelector.exactOptional() }),
    status: z
      .looseObject({
        disruptionsAllowed: z.number().exactOptional(),
        currentHealthy: z.number().exactOptional(),
        desiredHealthy: z.number().exactOptional(),
      })
      .exactOptional(),
  }),
})

export const autoscalers = kind({
  plural: 'horizontalpodautoscalers',
  group: 'autoscaling',
  version: 'v1',
  namespaced: true,
  schema: z.looseObject({
    metadata,
    spec: z.looseObject({ scaleTargetRef: z.looseObject({ kind: z.string(), name: z.string() }) }),
  }),
})

/** Jobs, as far as they tell when they succeeded. */
export const jobs: Kind<{
  readonly metadata: {
    readonly name: string
    readonly ownerReferences: readonly { readonly kind: string; readonly name: string }[]
  }
  readonly status: { readonly succeeded: number; readonly completionTime?: string }
}> = {
  plural: 'jobs',
  group: 'batch',
  version: 'v1',
  namespaced: true,
  schema: z.looseObject({
    metadata: z.looseObject({
      name: z.string(),
      ownerReferences: z.array(z.looseObject({ kind: z.string(), name: z.string() })).default([]),
    }),
    status: z.looseObject({ succeeded: z.number().default(0), completionTime: z.string().exactOptional() }),
  }),
}

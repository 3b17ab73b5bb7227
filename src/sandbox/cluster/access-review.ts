import { z } from 'zod'
import { invalid } from './api-status.ts'
import type { JsonObject } from './json.ts'
import { resourceOf } from './resources.ts'

/** What somebody wants to do, in the words of RBAC. */
export interface Access {
  readonly verb: string
  /** A kind in the plural, with its subresource where there is one: `deployments`, `pods/log`. */
  readonly resource: string
  readonly group: string
  /** Empty for what belongs to none, and for all of them. */
  readonly namespace: string
  /** Empty for lists. */
  readonly name: string
}

const review = z.looseObject({
  spec: z.looseObject({
    resourceAttributes: z.looseObject({
      verb: z.string(),
      resource: z.string(),
      subresource: z.string().optional(),
      group: z.string().default(''),
      namespace: z.string().default(''),
      name: z.string().default(''),
    }),
  }),
})

/** One rule of what somebody may do. */
export interface AccessRule {
  readonly verbs: string[]
  readonly apiGroups: string[]
  readonly resources: string[]
  readonly resourceNames?: string[]
}

const rulesReviewed = z.looseObject({ spec: z.looseObject({ namespace: z.string().min(1) }) })

/** Answers a SelfSubjectRulesReview: what may who asks do in a namespace? It is kept nowhere. */
export function rulesReview(asked: JsonObject, rules: (namespace: string) => readonly AccessRule[]): JsonObject {
  const parsed = rulesReviewed.safeParse(asked)
  if (!parsed.success) throw invalid(resourceOf('selfsubjectrulesreviews'), '', z.prettifyError(parsed.error))
  const resourceRules = rules(parsed.data.spec.namespace).map((rule) => ({ ...rule }))
  return {
    kind: 'SelfSubjectRulesReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: { creationTimestamp: null },
    spec: {},
    status: { resourceRules, nonResourceRules: [], incomplete: false },
  }
}

/** Answers a SelfSubjectAccessReview: may who asks do this? It is kept nowhere. */
export function accessReview(asked: JsonObject, may: (wanted: Access) => boolean): JsonObject {
  const parsed = review.safeParse(asked)
  if (!parsed.success) throw invalid(resourceOf('selfsubjectaccessreviews'), '', z.prettifyError(parsed.error))
  const { resource, subresource, ...rest } = parsed.data.spec.resourceAttributes
  const what = subresource === undefined || subresource === '' ? resource : `${resource}/${subresource}`
  const { verb, group, namespace, name } = rest
  const allowed = may({ verb, resource: what, group, namespace, name })
  return {
    kind: 'SelfSubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: { creationTimestamp: null },
    spec: asked.spec ?? {},
    status: { allowed },
  }
}

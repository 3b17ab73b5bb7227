import { z } from 'zod'
import type { Access, AccessRule } from './access-review.ts'
import { metadataOf } from './metadata.ts'
import type { Store } from './store.ts'

const role = z.looseObject({
  rules: z
    .array(
      z.looseObject({
        verbs: z.array(z.string()),
        apiGroups: z.array(z.string()).default([]),
        resources: z.array(z.string()).default([]),
        resourceNames: z.array(z.string()).default([]),
      }),
    )
    .default([]),
})

const binding = z.looseObject({
  roleRef: z.looseObject({ kind: z.enum(['Role', 'ClusterRole']), name: z.string() }),
  subjects: z
    .array(z.looseObject({ kind: z.string(), name: z.string(), namespace: z.string().optional() }))
    .default([]),
})

/** Does a Role or ClusterRole of the store, bound to the user, allow this? */
export function rolesAllow(store: Store, user: string, wanted: Access): boolean {
  return rulesOf(store, user, wanted.namespace).some((rule) => allows(rule, wanted))
}

/** The rules of every Role and ClusterRole that is bound to the user, for a namespace (empty: for the whole cluster). */
export function rulesOf(store: Store, user: string, wanted: string): readonly AccessRule[] {
  const bindings = [
    ...store.list('clusterrolebindings', '').items,
    // What belongs to no namespace is no namespace's to give.
    ...(wanted === '' ? [] : store.list('rolebindings', wanted).items),
  ]
  return bindings.flatMap((object) => {
    const { roleRef, subjects } = binding.parse(object)
    if (!subjects.some((subject) => nameOf(subject) === user)) return []
    const namespace = roleRef.kind === 'Role' ? metadataOf(object).namespace : ''
    const plural = roleRef.kind === 'Role' ? 'roles' : 'clusterroles'
    const found = store.find({ plural, namespace, name: roleRef.name })
    return found === undefined ? [] : role.parse(found).rules
  })
}

function nameOf({ kind, name, namespace = '' }: { kind: string; name: string; namespace?: string | undefined }) {
  return kind === 'ServiceAccount' ? `system:serviceaccount:${namespace}:${name}` : name
}

function allows(rule: AccessRule, { verb, group, resource, name }: Access): boolean {
  const holds = (list: readonly string[], value: string) => list.includes(value) || list.includes('*')
  const { verbs, apiGroups, resources, resourceNames = [] } = rule
  return (
    holds(verbs, verb) &&
    holds(apiGroups, group) &&
    holds(resources, resource) &&
    (resourceNames.length === 0 || resourceNames.includes(name))
  )
}

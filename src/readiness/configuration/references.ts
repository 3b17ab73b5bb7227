import type { V1PodSpec } from '@kubernetes/client-node'

/** A ConfigMap or Secret that a pod template needs. */
export interface Reference {
  readonly kind: 'configmaps' | 'secrets'
  readonly name: string
}

type Optional = { readonly name?: string | undefined; readonly optional?: boolean | undefined }

/** The ConfigMaps and Secrets without which a pod of this template does not start; optional ones are left out. */
export function referencesOf(spec: V1PodSpec | undefined): readonly Reference[] {
  const found: Reference[] = []
  const add = (kind: Reference['kind'], reference: Optional | undefined) => {
    const { name, optional } = reference ?? {}
    const known = found.some((one) => one.kind === kind && one.name === name)
    if (name !== undefined && name !== '' && optional !== true && !known) found.push({ kind, name })
  }
  for (const container of [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]) {
    for (const { configMapRef, secretRef } of container.envFrom ?? []) {
      add('configmaps', configMapRef)
      add('secrets', secretRef)
    }
    for (const { valueFrom } of container.env ?? []) {
      add('configmaps', valueFrom?.configMapKeyRef)
      add('secrets', valueFrom?.secretKeyRef)
    }
  }
  for (const { configMap, secret, projected } of spec?.volumes ?? []) {
    add('configmaps', configMap)
    add('secrets', secret && { name: secret.secretName, optional: secret.optional })
    for (const source of projected?.sources ?? []) {
      add('configmaps', source.configMap)
      add('secrets', source.secret)
    }
  }
  for (const secret of spec?.imagePullSecrets ?? []) add('secrets', secret)
  return found
}

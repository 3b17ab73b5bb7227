import type { V1Deployment } from '@kubernetes/client-node'
import type { ClusterConfig } from '../config/config.ts'
import { SlipwayError } from '../errors.ts'
import type { AutoscalerView, GitChange, GitOps } from '../jobs/ports.ts'
import type { ReadingClient } from './client.ts'
import { argoCdText, fluxText, helmText } from './git-ops-texts.ts'
import type { ManagedFields } from './last-manager.ts'
import { trafficKinds } from './traffic-kinds.ts'

/** One object that Slipway writes to, as far as it tells where it comes from. */
interface Managed {
  /** For words, and for who looks for it in Git. */
  readonly what: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly managers: readonly string[]
}

type Tool = GitOps['tool']

/** By the names that they write under. */
const managers: Readonly<Record<Tool, readonly string[]>> = {
  'Argo CD': ['argocd-controller', 'argocd-application-controller'],
  Flux: ['kustomize-controller'],
  'Flux (Helm)': ['helm-controller'],
}

/** The names that these tools write under. */
export const gitOpsManagers: readonly string[] = Object.values(managers).flat()

const argoTracking = 'argocd.argoproj.io/tracking-id'
const fluxLabel = 'kustomize.toolkit.fluxcd.io'
const helmLabel = 'helm.toolkit.fluxcd.io'

/**
 * GitOps tools that manage the route or the Deployments from Git, by tracking labels and annotations and by field managers; each with
 * what makes it leave weights, image and size alone, and an autoscaler's minimum.
 */
export async function gitOps(
  client: ReadingClient,
  config: ClusterConfig,
  changes: () => Promise<readonly GitChange[]>,
  autoscalers: () => Promise<readonly AutoscalerView[]>,
): Promise<readonly GitOps[]> {
  const kind = trafficKinds[config.traffic.kind]
  const names = [config.tracks.blue.deployment, config.tracks.green.deployment]
  const [route, ...deployments] = await Promise.all([
    client.readRoute(kind, config.traffic.name),
    ...names.map((name) => client.readDeployment(name)),
  ])
  const objects: readonly Managed[] = [
    {
      what: route.what,
      labels: route.metadata.labels ?? {},
      annotations: route.metadata.annotations ?? {},
      managers: managersOf(route.metadata.managedFields ?? []),
    },
    ...deployments.map((deployment, index) =>
      ofDeployment(`Deployment ${client.namespace}/${names[index]}`, deployment),
    ),
  ]
  const found = (['Argo CD', 'Flux', 'Flux (Helm)'] as const).flatMap((tool) => {
    const managed = objects.filter((object) => isManaged(object, tool))
    const source = managed.map((object) => sourceOf(object, tool)).find((found) => found !== null) ?? null
    return managed.length === 0 ? [] : [{ tool, source, objects: managed.map(({ what }) => what) }]
  })
  if (found.length === 0) return []
  const [now, scaling] = await Promise.all([changes(), namesOf(autoscalers)])
  const texts = { 'Argo CD': argoCdText, Flux: fluxText, 'Flux (Helm)': helmText } as const
  return found.map((one) => ({ ...one, text: texts[one.tool](config, scaling, now) }))
}

/** Where they may not be read, nothing raises their minimum either. */
async function namesOf(autoscalers: () => Promise<readonly AutoscalerView[]>): Promise<readonly string[]> {
  try {
    return (await autoscalers()).map(({ name }) => name)
  } catch (error) {
    if (error instanceof SlipwayError && error.code === 'cluster-forbidden') return []
    throw error
  }
}

function ofDeployment(what: string, { metadata }: V1Deployment): Managed {
  return {
    what,
    labels: metadata?.labels ?? {},
    annotations: metadata?.annotations ?? {},
    managers: managersOf(metadata?.managedFields ?? []),
  }
}

function managersOf(fields: readonly ManagedFields[]): readonly string[] {
  return fields.flatMap(({ manager }) => (manager === undefined ? [] : [manager]))
}

function isManaged(object: Managed, tool: Tool): boolean {
  return sourceOf(object, tool) !== null || object.managers.some((name) => managers[tool].includes(name))
}

/** What of the tool's own the object comes from: an Application, a Kustomization or a HelmRelease; null when it doesn't say. */
function sourceOf({ labels, annotations }: Managed, tool: Tool): string | null {
  // `<application>:<group>/<kind>:<namespace>/<name>`
  if (tool === 'Argo CD') return annotations[argoTracking]?.split(':')[0] ?? null
  const label = tool === 'Flux' ? fluxLabel : helmLabel
  const [name, namespace] = [labels[`${label}/name`], labels[`${label}/namespace`]]
  return name === undefined ? null : `${namespace ?? 'flux-system'}/${name}`
}

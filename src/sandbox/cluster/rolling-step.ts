/** Pods of a Deployment as its controller sees them; `maxSurge` and `maxUnavailable` are counts. */
export interface RollingState<Pod extends { readonly ready: boolean }> {
  readonly replicas: number
  readonly maxSurge: number
  readonly maxUnavailable: number
  /** Pods of the wanted template, and all others; oldest first. */
  readonly current: readonly Pod[]
  readonly old: readonly Pod[]
}

/** What a Deployment's controller does next in a rolling update: pods to create of the wanted template, and pods to remove. */
export function rollingStep<Pod extends { readonly ready: boolean }>(
  state: RollingState<Pod>,
): { readonly create: number; readonly remove: readonly Pod[] } {
  const { replicas, maxSurge, current, old } = state
  const surplus = unreadyFirst(current.toReversed()).slice(0, Math.max(0, current.length - replicas))
  const room = replicas + maxSurge - current.length - old.length
  const create = Math.max(0, Math.min(replicas - current.length, room))
  // Like the real one, either grow or shrink: the old pods are looked at again when the new ones are there.
  return create > 0 ? { create, remove: [] } : { create, remove: [...surplus, ...oldToRemove(state)] }
}

function oldToRemove<Pod extends { readonly ready: boolean }>(state: RollingState<Pod>): readonly Pod[] {
  const { replicas, maxUnavailable, current, old } = state
  const minAvailable = replicas - maxUnavailable
  const available = [...current, ...old].filter(({ ready }) => ready).length
  const currentUnready = current.filter(({ ready }) => !ready).length
  const most = current.length + old.length - minAvailable - currentUnready
  const unready = old.filter(({ ready }) => !ready).slice(0, Math.max(0, most))
  const ready = old.filter((pod) => pod.ready).slice(0, Math.max(0, available - minAvailable))
  return [...unready, ...ready]
}

function unreadyFirst<Pod extends { readonly ready: boolean }>(pods: readonly Pod[]): readonly Pod[] {
  return [...pods.filter(({ ready }) => !ready), ...pods.filter(({ ready }) => ready)]
}

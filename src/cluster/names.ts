/** Annotation of the object that splits the traffic: who ordered the weights, and what break-glass needs to take them back. */
export const markAnnotation = 'slipway.dev/mark'

/** Annotation of the Deployments and their autoscalers: the fence of the last write, `rollout/version`. */
export const fenceAnnotation = 'slipway.dev/fence'

/** Annotation of an autoscaler whose minimum is pinned: the one it had, and the one it got. */
export const minimumAnnotation = 'slipway.dev/minimum'

/** How Slipway calls itself in managedFields, in marks and as user agent. */
export const manager = 'slipway'

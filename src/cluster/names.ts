/** Annotation of the object that splits the traffic: who ordered the weights, and what break-glass needs to take them back. */
export const markAnnotation = 'slipway.dev/mark'

/** Annotation of the Deployments: the fence of the last write, `rollout/version`. */
export const fenceAnnotation = 'slipway.dev/fence'

/** How Slipway calls itself in managedFields, in marks and as user agent. */
export const manager = 'slipway'

import { z } from 'zod'

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

/** Jobs, as far as they tell when they succeeded. */
export const jobs: Kind<{
  readonly metadata: { readonly name: string }
  readonly status: { readonly succeeded: number; readonly completionTime?: string }
}> = {
  plural: 'jobs',
  group: 'batch',
  version: 'v1',
  namespaced: true,
  schema: z.looseObject({
    metadata: z.looseObject({ name: z.string() }),
    status: z.looseObject({ succeeded: z.number().default(0), completionTime: z.string().exactOptional() }),
  }),
}

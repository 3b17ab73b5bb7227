import type { z } from 'zod'

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

import { z } from 'zod'
import { invalid } from './api-status.ts'
import type { JsonObject } from './json.ts'
import { type Plural, resourceOf } from './resources.ts'

const labels = z.record(z.string(), z.string())

const schemas: Partial<Record<Plural, z.ZodType>> = {
  deployments: z.looseObject({
    spec: z.looseObject({
      replicas: z.int().nonnegative().optional(),
      selector: z.looseObject({ matchLabels: labels }),
      template: z.looseObject({
        metadata: z.looseObject({ labels }),
        spec: z.looseObject({ containers: z.array(z.looseObject({ name: z.string(), image: z.string() })).min(1) }),
      }),
    }),
  }),
  virtualservices: z.looseObject({
    spec: z.looseObject({
      http: z
        .array(z.looseObject({ route: z.array(z.looseObject({ weight: z.int().optional() })).optional() }))
        .optional(),
    }),
  }),
  httproutes: z.looseObject({
    spec: z.looseObject({
      rules: z
        .array(
          z.looseObject({
            backendRefs: z
              .array(z.looseObject({ name: z.string(), weight: z.int().min(0).max(1_000_000).optional() }))
              .optional(),
          }),
        )
        .optional(),
    }),
  }),
}

/** Refuses what the API server's own schemas would refuse, as far as anybody here relies on it. */
export function validate(plural: Plural, name: string, object: JsonObject): void {
  const result = schemas[plural]?.safeParse(object)
  if (result && !result.success) throw invalid(resourceOf(plural), name, z.prettifyError(result.error))
}

import { z } from 'zod'

const requirement = z.looseObject({
  key: z.string(),
  operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
  values: z.array(z.string()).default([]),
})

/** What an object says of which labels it is for. */
export const labelSelector = z.looseObject({
  matchLabels: z.record(z.string(), z.string()).default({}),
  matchExpressions: z.array(requirement).default([]),
})

type Labels = Readonly<Record<string, string>>

/** Does it select what carries these labels? An empty one selects everything. */
export function selects(selector: z.output<typeof labelSelector>, labels: Labels): boolean {
  return (
    Object.entries(selector.matchLabels).every(([key, value]) => labels[key] === value) &&
    selector.matchExpressions.every((one) => holds(one, labels))
  )
}

function holds({ key, operator, values }: z.output<typeof requirement>, labels: Labels): boolean {
  const value = labels[key]
  if (operator === 'Exists') return value !== undefined
  if (operator === 'DoesNotExist') return value === undefined
  // What does not carry the label is not in, either.
  const isIn = value !== undefined && values.includes(value)
  return operator === 'In' ? isIn : !isIn
}

import { z } from 'zod'
import type { Comparison, Metric, MetricOverride, MissingOutcome, Phase, RolloutSpec, Threshold } from './plan.ts'

const threshold: z.ZodType<Threshold> = z.object({
  op: z.enum(['<', '<=', '>', '>=']),
  value: z.number(),
  text: z.string(),
})

const outcome: z.ZodType<MissingOutcome> = z.enum(['hold', 'breach', 'ignore'])

const comparison: z.ZodType<Comparison> = z.object({
  worse: z.enum(['higher', 'lower']),
  tolerance: z.number(),
  readings: z.number(),
  significance: z.number(),
  effect: z.number(),
  critical: z.boolean(),
})

const override: z.ZodType<MetricOverride> = z.object({
  target: threshold.exactOptional(),
  limit: threshold.exactOptional(),
  confirm: z.number().exactOptional(),
  minRequests: z.number().exactOptional(),
  warmUp: z.number().exactOptional(),
})

const metric: z.ZodType<Metric> = z.object({
  name: z.string(),
  title: z.string(),
  group: z.string(),
  scope: z.enum(['canary', 'stable', 'service', 'compare']),
  unit: z.enum(['ratio', 'milliseconds', 'per-second', 'count']),
  query: z.string(),
  window: z.union([z.number(), z.literal('phase')]),
  target: threshold.exactOptional(),
  limit: threshold.exactOptional(),
  confirm: z.number(),
  minRequests: z.number().exactOptional(),
  warmUp: z.number().exactOptional(),
  compare: comparison.exactOptional(),
  missing: z.object({
    empty: outcome,
    'not-finite': outcome,
    stale: outcome,
    'several-series': outcome,
    failed: outcome,
    'few-requests': outcome,
  }),
})

const phase: z.ZodType<Phase> = z.object({
  number: z.number(),
  name: z.string(),
  proves: z.string(),
  weight: z.number(),
  soak: z.number(),
  roles: z.array(z.string()),
  requesterMaySign: z.boolean(),
  fullSize: z.boolean(),
  metrics: z.record(z.string(), override).exactOptional(),
  signOffExpires: z.number().exactOptional(),
  checkpoints: z.array(z.object({ text: z.string(), role: z.string() })).exactOptional(),
})

/** How a frozen specification is read back from the ledger. */
export const rolloutSpec: z.ZodType<RolloutSpec> = z.object({
  mode: z.literal('observe').exactOptional(),
  version: z.string(),
  image: z.string(),
  phases: z.array(phase),
  metrics: z.array(metric),
  requestsQuery: z.string().exactOptional(),
  drained: z.object({ query: z.string(), atMost: z.number() }).exactOptional(),
  convergesWithin: z.number().exactOptional(),
  convergencePause: z.number().exactOptional(),
  interval: z.number(),
  staleAfter: z.number(),
  queryErrors: z.number().exactOptional(),
  headroom: z.number(),
  readyWithin: z.number(),
  signOffExpires: z.number(),
  signOffOpens: z.number().exactOptional(),
  decides: z.string(),
  pointOfNoReturn: z.object({ phase: z.number(), what: z.string(), role: z.string() }).exactOptional(),
  rollbackWindow: z.number(),
  pageAfter: z.number(),
  maxHold: z.number(),
  resolveAfter: z.number(),
})

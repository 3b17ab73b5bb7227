import { applies, outcomeOf, type Readings, type Value } from '../rollout/analysis.ts'
import { type Metric, metricsOf, type RolloutSpec, type Track } from '../rollout/plan.ts'
import { metricQuery, promDuration, trackQuery, windowOf } from '../rollout/query.ts'
import type { Sample } from './ports.ts'
import { requestsOf } from './requests.ts'
import type { World } from './world.ts'

/** What is read: which tracks stand for canary and stable, at which weight, and for how long the phase has run (ms). */
export interface Reading {
  readonly spec: RolloutSpec
  readonly phase: number
  readonly canary: Track
  readonly stable: Track
  readonly weight: number
  readonly ran: number
}

/** Reads every metric that applies, side by side. Never throws: what can't be read is missing, with the reason. */
export async function readMetrics(world: World, reading: Reading): Promise<Readings> {
  const { spec, weight, phase } = reading
  const at = world.clock.now()
  const metrics = metricsOf(spec, phase).filter((m) => applies(m, weight))
  const values = await Promise.all(metrics.map(async (m) => [m.name, await readMetric(world, reading, m)] as const))
  return { at, phase, values: Object.fromEntries(values) }
}

/**
 * Reads one metric; too few requests in its window, or a phase too young for it, make a number missing. A young phase has few samples yet:
 * its sources get as long as a number may be old before what they lack counts as a breach.
 */
export async function readMetric(world: Pick<World, 'metrics'>, reading: Reading, metric: Metric): Promise<Value> {
  const { spec, ran } = reading
  const { warmUp = 0 } = metric
  if (ran < warmUp) return { missing: 'warming-up', detail: `judged ${promDuration(warmUp)} after the phase began` }
  const value = await readNow(world, reading, metric)
  if (!('missing' in value) || ran >= spec.staleAfter || outcomeOf(metric, value.missing) !== 'breach') return value
  return { missing: 'warming-up', detail: `${value.missing}: ${value.detail}` }
}

async function readNow(world: Pick<World, 'metrics'>, reading: Reading, metric: Metric): Promise<Value> {
  const { canary, stable, ran } = reading
  if (metric.compare !== undefined) return readBoth(world, reading, metric)
  const query = metricQuery(metric, { canary, stable }, windowOf(metric, ran))
  return readSample(world, reading, metric, canary, query)
}

/** Reads both tracks; what is missing on either is missing. */
async function readBoth(world: Pick<World, 'metrics'>, reading: Reading, metric: Metric): Promise<Value> {
  const { canary, stable, ran } = reading
  const window = windowOf(metric, ran)
  const read = (track: Track) => readSample(world, reading, metric, track, trackQuery(metric, track, window))
  const [own, other] = await Promise.all([read(canary), read(stable)])
  if ('missing' in own) return own
  if ('missing' in other) return { ...other, detail: `stable: ${other.detail}` }
  return { value: own.value, stable: other.value }
}

async function readSample(
  world: Pick<World, 'metrics'>,
  { spec, ran }: Reading,
  metric: Metric,
  track: Track,
  query: string,
): Promise<Value> {
  const window = windowOf(metric, ran)
  const [sample, requests] = await Promise.all([
    world.metrics.query(query, spec.staleAfter),
    metric.minRequests === undefined ? null : requestsOf(world, spec, track, window),
  ])
  if (requests === null || metric.minRequests === undefined) return asValue(sample)
  if ('missing' in requests) return asValue(requests)
  // A phase younger than the window has had the chance of its share of the requests only.
  const full = metric.window === 'phase' ? window : metric.window
  const fewest = (metric.minRequests * window) / full
  if (requests.value >= fewest) return asValue(sample)
  const detail = `${Math.round(requests.value)} requests in the window, at least ${Math.round(fewest)} wanted`
  return { missing: 'few-requests', detail }
}

function asValue(sample: Sample): Value {
  return 'missing' in sample ? sample : { value: sample.value }
}

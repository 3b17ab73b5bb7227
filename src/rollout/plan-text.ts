import { hash } from 'node:crypto'
import { canonicalJson } from './canonical.ts'
import type { PlanChange } from './events.ts'
import { canarySize, type Phase, type Plan, type RolloutSpec } from './plan.ts'
import { phaseOf, type State } from './state.ts'

/** The plan of a phase as it would be carried out now; null before the rollout is prepared. */
export function planOf(state: State, phase: Phase): Plan | null {
  const { parts, spec, imageIds } = state
  if (parts === undefined) return null
  // While the phase before shifts, its weight is not there yet, but will be: the plan is no other one for that.
  const next = phase.number === state.phase + 1 && state.stage !== 'shifting'
  return {
    service: state.service,
    rollout: state.rollout,
    image: spec.image,
    phase,
    fromWeight: next ? state.weight : (phaseOf(state, phase.number - 1)?.weight ?? 0),
    stable: parts.stable,
    canary: parts.canary,
    replicas: canarySize(phase, parts.stableSize, spec.headroom),
    ...(imageIds !== undefined && !hasDigest(spec.image) && { imageIds }),
  }
}

/** Does the image's name say which bytes it is? */
export function hasDigest(image: string): boolean {
  return /@sha256:[0-9a-f]{64}$/.test(image)
}

/**
 * The plan of these phases in canonical form, with all that is watched: two plans are the same when these texts are. `ids`: with
 * what the pods report to run, where they do.
 */
export function planText(state: State, numbers: readonly number[], ids = true): string {
  const { metrics, interval } = state.spec
  const plans = numbers.map((number) => {
    const phase = phaseOf(state, number)
    const plan = phase === undefined ? null : planOf(state, phase)
    if (plan === null || ids) return plan
    const { imageIds: _, ...rest } = plan
    return rest
  })
  const [name, value] = plans.length === 1 ? ['plan', plans[0]] : ['plans', plans]
  return `{"interval":${interval},"metrics":${canonicalMetrics(metrics)},"${name}":${canonicalJson(value)}}`
}

const metricsTexts = new WeakMap<RolloutSpec['metrics'], string>()

/** The metrics' canonical text, made once for each rollout: whether a plan is the same is asked with every tick. */
function canonicalMetrics(metrics: RolloutSpec['metrics']): string {
  const text = metricsTexts.get(metrics) ?? canonicalJson(metrics)
  metricsTexts.set(metrics, text)
  return text
}

/** Names a plan: SHA-256 of its text, in hex. */
export function planHash(text: string): string {
  return hash('sha256', text)
}

/**
 * What is different in the plan that would be carried out now from the one that was signed; empty when it is the same. The
 * order in which an older Slipway wrote a plan does not matter.
 */
export function planChanges(signed: string, state: State, numbers: readonly number[]): readonly PlanChange[] {
  // Signed before any pod had reported what it runs: the first report is no change. A later one ends the request by itself.
  const now = planText(state, numbers, signed.includes('"imageIds":'))
  return signed === now ? [] : differences(JSON.parse(signed), JSON.parse(now), '')
}

function differences(before: unknown, after: unknown, path: string): readonly PlanChange[] {
  if (isMap(before) && isMap(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted()
    return keys.flatMap((key) => differences(before[key], after[key], path === '' ? key : `${path}.${key}`))
  }
  if (isList(before) && isList(after) && before.length === after.length)
    return before.flatMap((value, index) => differences(value, after[index], `${path}[${index}]`))
  const [one, other] = [shown(before), shown(after)]
  return one === other ? [] : [{ field: path, before: one, after: other }]
}

const longest = 200

function shown(value: unknown): string {
  const text = value === undefined ? 'none' : typeof value === 'string' ? value : canonicalJson(value)
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

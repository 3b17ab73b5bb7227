import { isDeepStrictEqual } from 'node:util'
import type { EventOf } from '../../../src/rollout/events.ts'
import type { Phase, RolloutSpec } from '../../../src/rollout/plan.ts'
import { config } from '../spec.ts'
import { Broken } from './broken.ts'
import { risesFor } from './rises.ts'
import type { Rule } from './scene.ts'

const rule = 'gate-holds'
/** What ends a soak. */
const passes: readonly string[] = ['soak-passed', 'targets-accepted', 'soak-skipped']

/** Rule 2: the canary's weight rises only to what a started phase says whose every role signed exactly that plan, in time. */
export const gateHolds: Rule = ({ outside: { witness } }) => ({
  routeWritten(manager, before, after) {
    const rise = risesFor(manager, before, after)
    if (rise === null) return
    const { mark, to } = rise
    const state = witness.stateOf(mark.rollout)
    const version = mark.version - (state?.fenceFloor ?? 0)
    const kept = witness.ledgers.get(mark.rollout) ?? []
    // What ordered this may have been lost since.
    const events = kept.some((e) => e.version === version) ? kept : witness.everAppended(mark.rollout)
    // A person may have Slipway's own written again: then the phase that was started before counts.
    const again = events.some((e) => e.type === 'taken-over' && e.version === version)
    const started = events.findLast(
      (e): e is EventOf<'phase-started'> =>
        e.type === 'phase-started' && (again ? e.version < version : e.version === version),
    )
    const order = `${mark.rollout}/${mark.version}`
    if (started === undefined) throw new Broken(rule, `the weight rises to ${to} % by ${order}, which started no phase`)
    const first = events.find((e): e is EventOf<'rollout-started'> => e.type === 'rollout-started')
    const phase = first?.spec.phases.find((p) => p.number === started.phase)
    if (first === undefined || phase === undefined) throw new Broken(rule, `${order} is no phase of the release`)
    if (to > phase.weight)
      throw new Broken(rule, `the weight rises to ${to} %, phase ${phase.number} says ${phase.weight} %`)
    const request = events.findLast(
      (e): e is EventOf<'sign-off-requested'> => e.type === 'sign-off-requested' && e.version === started.request,
    )
    if (request === undefined || request.phase !== phase.number)
      throw new Broken(rule, `phase ${phase.number} was started by the request of another`)
    // While Slack is away the clock of a request stands still.
    const stoodStill = events.some((e) => e.type === 'slack-back' && e.version > request.version)
    if (started.at >= request.expiresAt && !stoodStill)
      throw new Broken(rule, `phase ${phase.number} was started after its request had expired`)
    const signed = events.filter(
      (e): e is EventOf<'signed-off'> => e.type === 'signed-off' && e.request === request.version,
    )
    checkPeople(phase, request, signed)
    checkPlan(first.spec, phase, request)
    const passed = events.some((e) => passes.includes(e.type) && 'phase' in e && e.phase === phase.number - 1)
    if (phase.number > 1 && !passed)
      throw new Broken(rule, `phase ${phase.number} began before the one before it had passed`)
  },
})

function checkPeople(
  phase: Phase,
  request: EventOf<'sign-off-requested'>,
  signed: readonly EventOf<'signed-off'>[],
): void {
  for (const role of phase.roles) {
    const own = signed.filter((s) => s.role === role)
    if (own.length !== 1) throw new Broken(rule, `${own.length} sign-offs as ${role} for phase ${phase.number}`)
    if (!own.every((s) => config.roles[role]?.users.includes(s.by.id)))
      throw new Broken(rule, `${own[0]?.by.id} signed as ${role} without being it`)
  }
  const people = new Set(signed.map((s) => s.by.id))
  if (people.size !== signed.length) throw new Broken(rule, `one person signed twice for phase ${phase.number}`)
  if (!phase.requesterMaySign && people.has(request.by.id))
    throw new Broken(rule, `the one who asked for phase ${phase.number} signed it`)
}

function checkPlan(spec: RolloutSpec, phase: Phase, request: EventOf<'sign-off-requested'>): void {
  const { plan, metrics } = JSON.parse(request.plan)
  const same =
    plan.image === spec.image && isDeepStrictEqual(plan.phase, phase) && isDeepStrictEqual(metrics, spec.metrics)
  if (!same) throw new Broken(rule, `what was signed for phase ${phase.number} is another plan`)
}

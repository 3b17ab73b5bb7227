import { isDeepStrictEqual } from 'node:util'
import type { Event, EventOf } from '../../../src/rollout/events.ts'
import type { Phase, RolloutSpec } from '../../../src/rollout/plan.ts'
import { config } from '../spec.ts'
import { Broken } from './broken.ts'
import { risesFor } from './rises.ts'
import type { Rule } from './scene.ts'

const rule = 'gate-holds'
/** What ends a soak. */
const passes: readonly string[] = ['soak-passed', 'targets-accepted', 'soak-skipped']

/** What ends a request for sign-offs other than starting its phases. */
const ended: readonly string[] = ['sign-off-rejected', 'sign-off-cancelled', 'sign-off-voided', 'sign-off-expired']

/** How long a write that was begun in time may be on its way, in ms. */
const onItsWay = 15_000

/** Rule 2: the canary's weight rises only to what a started phase says whose every role signed exactly that plan, in time, and while that counts. */
export const gateHolds: Rule = ({ outside: { witness, timeline } }) => ({
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
    const covered = request?.phases ?? [request?.phase ?? 0]
    if (request === undefined || !covered.includes(phase.number))
      throw new Broken(rule, `phase ${phase.number} was started by the request of another`)
    // While Slack is away the clock of a request stands still.
    const stoodStill = events.some((e) => e.type === 'slack-back' && e.version > request.version)
    const passed = events.find((e) => passes.includes(e.type) && 'phase' in e && e.phase === phase.number - 1)
    if (phase.number > 1 && (passed === undefined || passed.version > started.version))
      throw new Broken(rule, `phase ${phase.number} began before the one before it had passed`)
    // Signed for several phases, it stands for each of them as long again once the one before has passed.
    const since = phase.number === request.phase ? request.at : (passed?.at ?? request.at)
    if (started.at >= since + first.spec.signOffExpires && !stoodStill)
      throw new Broken(rule, `phase ${phase.number} was started after its request had expired`)
    const shifted = events.some((e) => e.type === 'traffic-shifted' && e.version > started.version)
    const lapses = letGoOn(events, started) + first.spec.signOffExpires
    if (timeline.now >= lapses + onItsWay && !shifted && !stoodStill)
      throw new Broken(rule, `phase ${phase.number} was held until its sign-offs had expired, and the weight rises`)
    const ends = events.find((e) => ended.includes(e.type) && 'request' in e && e.request === request.version)
    if (ends !== undefined && ends.version < started.version)
      throw new Broken(rule, `phase ${phase.number} was started by a request that had ended: ${ends.type}`)
    const earlier = events.filter((e) => e.version < started.version)
    checkPeople(
      first.spec.phases.filter((p) => covered.includes(p.number)),
      request,
      keptSignOffs(earlier, request.version),
    )
    checkPlan(first.spec, covered, request)
    checkCheckpoints(phase, earlier)
  },
})

/** When a phase was started, or the role that decides let it go on last (ms since 1970). */
function letGoOn(events: readonly Event[], started: EventOf<'phase-started'>): number {
  const again = events.findLast(
    (e) => e.type === 'hold-overridden' && e.unsigned !== undefined && e.version > started.version,
  )
  return (again ?? started).at
}

/** The sign-offs of a request that were given and not withdrawn: not before they were carried out, either. */
function keptSignOffs(events: readonly Event[], request: number): readonly EventOf<'signed-off'>[] {
  const kept: EventOf<'signed-off'>[] = []
  const takenBack = new Map<string, number>()
  for (const event of events) {
    if (event.type === 'signed-off' && event.request === request) {
      if ((takenBack.get(event.by.id) ?? 0) > event.at)
        throw new Broken(rule, `${event.by.id} had withdrawn the sign-off that came on record for request ${request}`)
      kept.push(event)
    }
    if (event.type !== 'sign-off-withdrawn' || event.request !== request) continue
    takenBack.set(event.by.id, event.at)
    const index = kept.findIndex((s) => s.by.id === event.by.id)
    if (index >= 0) kept.splice(index, 1)
  }
  return kept
}

function checkPeople(
  phases: readonly Phase[],
  request: EventOf<'sign-off-requested'>,
  signed: readonly EventOf<'signed-off'>[],
): void {
  for (const { number, roles } of phases) {
    for (const role of roles) {
      const [given, wanted] = [signed.filter((s) => s.role === role), roles.filter((r) => r === role)]
      if (given.length < wanted.length)
        throw new Broken(rule, `${given.length} sign-offs as ${role} for phase ${number}, which wants ${wanted.length}`)
    }
  }
  for (const { role, by } of signed)
    if (config.roles[role]?.users.includes(by.id) !== true)
      throw new Broken(rule, `${by.id} signed as ${role} without being it`)
  const people = new Set(signed.map((s) => s.by.id))
  if (people.size !== signed.length) throw new Broken(rule, `one person signed twice for request ${request.version}`)
  for (const { number, roles } of phases.filter((p) => !p.requesterMaySign))
    for (const { role, by } of signed)
      if (by.id === request.by.id && roles.includes(role))
        throw new Broken(
          rule,
          `the one who asked with request ${request.version} signed as ${role} for phase ${number}`,
        )
}

function checkPlan(spec: RolloutSpec, covered: readonly number[], request: EventOf<'sign-off-requested'>): void {
  const { plan, plans = [plan], metrics } = JSON.parse(request.plan)
  const same =
    plans.length === covered.length &&
    covered.every((number, index) => {
      const phase = spec.phases.find((p) => p.number === number)
      return plans[index].image === spec.image && isDeepStrictEqual(plans[index].phase, phase)
    }) &&
    isDeepStrictEqual(metrics, spec.metrics)
  if (!same) throw new Broken(rule, `what was signed with request ${request.version} is another plan`)
}

function checkCheckpoints({ number, checkpoints = [] }: Phase, events: readonly Event[]): void {
  checkpoints.forEach(({ role }, index) => {
    const tick = events.find(
      (e): e is EventOf<'checkpoint-ticked'> =>
        e.type === 'checkpoint-ticked' && e.phase === number && e.checkpoint === index + 1,
    )
    if (tick === undefined) throw new Broken(rule, `nobody looked at checkpoint ${index + 1} of phase ${number}`)
    if (config.roles[role]?.users.includes(tick.by.id) !== true)
      throw new Broken(rule, `${tick.by.id} ticked checkpoint ${index + 1} off without being ${role}`)
  })
}

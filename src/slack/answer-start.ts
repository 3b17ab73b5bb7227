import { frozenSpec } from '../config/frozen-spec.ts'
import { imageOf, type ReleaseName, releaseOf } from '../config/release-name.ts'
import { SlipwayError } from '../errors.ts'
import { lookForEvidence } from '../jobs/evidence.ts'
import { isLedgerAway } from '../jobs/failure.ts'
import type { World } from '../jobs/world.ts'
import { verdictOf } from '../readiness/judgement.ts'
import type { ReadinessReport } from '../readiness/report.ts'
import { isObserved, type State } from '../rollout/state.ts'
import { type Answer, type Desk, none, refused } from './answer.ts'
import type { Wish } from './ask.ts'
import { dryStart } from './dry-run.ts'
import { holdersOf } from './people.ts'
import { startOf } from './want-of.ts'
import { actorOf } from './wish-actor.ts'

/** Did an earlier try of this wish start the rollout? Its answer may have been lost, and the rollout be over by now. */
export function hasStarted({ commands }: State, { id }: Wish): boolean {
  const [first] = commands
  return first === id
}

/** Starts a rollout, or says why not. `newest` is the service's newest one, over or not. */
export async function answerStart(desk: Desk, wish: Wish, newest: State | null): Promise<Answer> {
  const { world } = desk
  if (newest !== null && hasStarted(newest, wish)) {
    await keepReport(desk, newest, await desk.reports.find(newest.spec.version))
    return startedAnswer(world, wish, newest)
  }
  const found = await specOf(desk, wish)
  if (found === null) return refused(none(world))
  const { spec, report } = found
  const marked = await markedRollout(world).catch(notStarted)
  if (typeof marked !== 'number') return marked
  const verdict = report === null ? null : verdictOf(report, world.config)
  const want = await startOf(world, wish, spec, verdict)
  const executed = await world.rollouts.start({ ...want, id: wish.id, at: wish.at, by: actorOf(wish) }, marked)
  if ('refusal' in executed) return refused(executed.refusal)
  await keepReport(desk, executed.state, report)
  return startedAnswer(world, wish, executed.state)
}

/** The plan that a start would show. */
export async function answerDryStart(desk: Desk, wish: Wish): Promise<Answer> {
  const { world } = desk
  const found = await specOf(desk, wish)
  if (found === null) return refused(none(world))
  return dryStart(world, wish, found.spec, found.report === null ? null : verdictOf(found.report, world.config))
}

/** What is asked for again before each phase is compared with the report that a rollout was started on, whatever is reported meanwhile. */
async function keepReport({ world, reports }: Desk, { rollout }: State, report: ReadinessReport | null): Promise<void> {
  const [first] = await world.rollouts.history(rollout)
  if (report !== null && first?.type === 'rollout-started' && first.report === report.id)
    await reports.keep(rollout, report)
}

async function startedAnswer(world: World, { ask }: Wish, state: State): Promise<Answer> {
  const { rollout, spec, warned } = state
  if (warned !== undefined) {
    const who = (await holdersOf(world, [spec.decides])).join(', ')
    const text = `The readiness report of ${spec.version} warns, so the rollout waits for the sign-off of ${spec.decides}: ask ${who} to press Accept… on its card.`
    return { text, rollout }
  }
  const plan = ask.kind === 'advance' && ask.all ? 'the plan of all phases' : 'the plan of phase 1'
  const text = isObserved(state)
    ? `Observing the release of ${spec.version}: nothing is changed. Its thread says what Slipway would have done.`
    : `Started the rollout of ${spec.version}. Its thread shows ${plan}.`
  return { text, rollout }
}

/** What would be rolled out, and the newest report of it: the version that was named, or else what was checked last; null when there is none. */
async function specOf({ world, reports }: Desk, { ask }: Wish) {
  const named: Partial<ReleaseName> = ask.kind === 'advance' || ask.kind === 'start' ? ask : {}
  const version = named.version ?? (await reports.newestVersion())
  if (version === null) return null
  const report = await reports.find(version)
  const checked = named.version === undefined && report !== null ? releaseOf(report) : { ...named, version }
  const { config } = world
  return { spec: frozenSpec(config, version, imageOf(config, checked)), report }
}

/**
 * The rollout whose mark the cluster carries: the ledger may have lost it, and if it still has traffic it is taken up now, so
 * that nothing starts beside it. While the mark can't be read nothing starts: an emptied Redis would give its number out again,
 * and with it the messages and fences of the one that had it.
 */
async function markedRollout(world: World): Promise<number> {
  // Where Slipway only observes, somebody else's traffic is none that it would have to take up.
  if (world.config.mode === 'act') await lookForEvidence(world)
  return (await world.cluster.view()).route.mark?.rollout ?? 0
}

/** Throws again what another try of the wish is for. */
function notStarted(error: unknown): Answer {
  if (!(error instanceof SlipwayError) || isLedgerAway(error)) throw error
  return { text: `${error.message} Nothing was started. ${error.todo}`, refused: error.code }
}

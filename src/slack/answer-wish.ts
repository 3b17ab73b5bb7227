import { frozenSpec } from '../config/frozen-spec.ts'
import { refusalText, SlipwayError } from '../errors.ts'
import { lookForEvidence } from '../jobs/evidence.ts'
import { isLedgerAway } from '../jobs/failure.ts'
import type { World } from '../jobs/world.ts'
import type { Executed } from '../ledger/rollouts.ts'
import { verdictOf } from '../readiness/judgement.ts'
import { type Refusal, refuse } from '../rollout/refusal.ts'
import { missingRoles } from '../rollout/sign-off.ts'
import { holdsService, isObserved, isOver, type State } from '../rollout/state.ts'
import { type Answer, type Desk, failed } from './answer.ts'
import { lockAnswer, unlockAnswer } from './answer-lock.ts'
import type { Wish } from './ask.ts'
import { buttonOver } from './button-over.ts'
import { questionBefore } from './confirm-rollback.ts'
import { type DryRun, dryAdvance, dryStart } from './dry-run.ts'
import { mention } from './format.ts'
import { usages } from './parse-command.ts'
import { pastText } from './past-text.ts'
import { heldOf, holdersOf } from './people.ts'
import { refusedTo } from './permission.ts'
import { chooseRoleText, roleButtons } from './sign-off-buttons.ts'
import { holdsText, statusText } from './status-text.ts'
import { rootNote } from './thread.ts'
import { mineText } from './waiting-for.ts'
import { wantOf } from './want-of.ts'
import { actorOf } from './wish-actor.ts'

/** How long a terminal's command may have waited for Slipway, in ms. */
const longestWait = 60_000

/** Carries a wish out and says what became of it; every wish gets an answer (rule 7). */
export async function answerWish(desk: Desk, wish: Wish): Promise<Answer> {
  const { world } = desk
  const { ask } = wish
  if (ask.kind === 'help') return { text: helpText }
  if (ask.kind === 'unclear') return { text: ask.mistake, refused: 'usage' }
  if (isLate(world, wish)) {
    return failed(new SlipwayError('wish-too-old', {}))
  }
  const barred = await refusedTo(world, wish)
  if (barred !== null) return barred
  if (ask.kind === 'history') return pastAnswer(world, ask.rollout)
  if (ask.kind === 'readiness') {
    await desk.startReadiness(wish, ask)
    const where =
      wish.from?.via === 'terminal' ? 'The terminal waits for the report.' : 'The report appears in the channel.'
    return { text: `Checking ${ask.version}. ${where}` }
  }
  if (ask.kind === 'lock') return lockAnswer(desk, wish, ask.reason)
  if (ask.kind === 'unlock') return unlockAnswer(desk, wish)
  const state = await wanted(world, wish)
  if (ask.kind === 'status') {
    const text = state === null ? refusalText(none(world)) : await statusText(world, state)
    return { text: [text, ...(await holdsText(world, state)), ...desk.away()].join('\n') }
  }
  if (ask.kind === 'mine') return { text: (await mineText(world, state, wish.user.id)).join('\n') }
  const free = state === null || !holdsService(state)
  const started = ask.kind === 'start' || (ask.kind === 'advance' && free && wish.target === undefined)
  if (ask.kind === 'advance' && ask.dryRun)
    return started || state === null ? dryStartOf(desk, wish) : dry(await dryAdvance(world, state, wish))
  if (ask.kind === 'start')
    return free || state.commands.has(wish.id) ? start(desk, wish, ask.version, state) : refused(active(state))
  // A button belongs to its rollout and never starts another one.
  if (ask.kind === 'advance' && started) return start(desk, wish, ask.version, state)
  if (state === null) return refused(none(world))
  if (isOfEarlier(state, wish)) {
    return failed(new SlipwayError('said-before', { version: state.spec.version }))
  }
  if (isAboutRequest(ask.kind) && (await isElsewhere(world, wish, state))) {
    return failed(new SlipwayError('other-thread', { version: state.spec.version }))
  }
  if (ask.kind === 'handover' && !(await world.people.isMember(ask.to))) {
    return failed(new SlipwayError('handover-outside', { name: mention(ask.to) }))
  }
  const over = isOver(state) ? null : await buttonOver(wish, world.rollouts.history)
  if (over !== null) return failed(over)
  const question = await questionBefore(world, wish, state)
  if (question !== null) return question
  const executed = await world.rollouts.execute(state.rollout, {
    ...(await wantOf(world, wish, state)),
    ...headOf(wish),
  })
  const answer = answerTo(wish, executed)
  if (answer.refused !== 'observes-only') return answer
  return { ...answer, text: `${answer.text}${await byHandOf(world, state)}` }
}

function refused(refusal: Refusal): Answer {
  return { text: refusalText(refusal), refused: refusal.code }
}

/** What works in the place of what an observing Slipway can't do; nothing while the cluster can't be read. */
async function byHandOf(world: World, { parts }: State): Promise<string> {
  if (parts === undefined) return ''
  const line = await world.cluster.byHand(parts.stable).catch(() => null)
  return line === null ? '' : `\nAll traffic back to ${parts.stable} by hand: \`${line}\``
}

/** Words that waited meant the rollout that there was; one that was lost and found again counts from when it was found. */
function isOfEarlier({ startedAt, lost, commands }: State, { target, at, id }: Wish): boolean {
  return target === undefined && startedAt > at && lost === undefined && !commands.has(id)
}

/** Is this about the one request that is open, or about what its phase waits for? */
function isAboutRequest(kind: Wish['ask']['kind']): boolean {
  return ['approve', 'reject', 'withdraw', 'nudge', 'cancel'].includes(kind)
}

/** Were these words said in the thread of another rollout? */
async function isElsewhere({ cursors }: World, { thread, target }: Wish, { rollout }: State): Promise<boolean> {
  if (thread === undefined || target !== undefined) return false
  const root = await cursors.note(rollout, rootNote)
  return root !== null && root !== thread
}

/** The rollout a button belongs to, or the current one. */
function wanted(world: World, wish: Wish): Promise<State | null> {
  const rollout = wish.target?.rollout ?? 0
  return rollout > 0 ? world.rollouts.load(rollout) : world.rollouts.current()
}

/** The help: every command and its use. */
export const helpText = Object.values(usages).join('\n')

function active(state: State): Refusal {
  return refuse('rollout-active', { version: state.spec.version, stage: state.stage }).refusal
}

function none(world: World): Refusal {
  return refuse('no-rollout', { service: world.config.service }).refusal
}

/** A terminal waits for its answer for some seconds; what it is no longer there for is not done, but for a rollback. */
function isLate({ clock }: World, { at, from, ask }: Wish): boolean {
  return from?.via === 'terminal' && ask.kind !== 'rollback' && clock.now() - at > longestWait
}

async function pastAnswer(world: World, rollout: number | undefined): Promise<Answer> {
  const text = await pastText(world, rollout)
  if (text !== null) return { text }
  if (rollout === undefined) return { text: 'No rollout is on record yet.' }
  return failed(new SlipwayError('rollout-unknown', { rollout }))
}

function headOf(wish: Wish) {
  return { id: wish.id, at: wish.at, by: actorOf(wish) }
}

async function start(desk: Desk, wish: Wish, asked: string | undefined, state: State | null): Promise<Answer> {
  const { rollouts } = desk.world
  const found = await specOf(desk, wish, asked)
  if (found === null) return refused(none(desk.world))
  const { spec, report } = found
  const all = wish.ask.kind === 'advance' && wish.ask.all === true
  // An earlier try of this wish has started it.
  const marked = state?.commands.has(wish.id) ? 0 : await markedRollout(desk.world).catch(notStarted)
  if (typeof marked !== 'number') return marked
  const reason = wish.ask.kind === 'advance' ? wish.ask.reason : undefined
  // Nobody is looked up who is not needed.
  const accepts = reason === undefined ? {} : { reason, ...(await heldOf(desk.world, wish, [spec.decides])) }
  const override = wish.ask.kind === 'advance' && wish.ask.override === true
  const command = {
    type: 'start',
    spec,
    report,
    ...accepts,
    ...headOf(wish),
    ...(all && { all }),
    ...(override && { override }),
  } as const
  const executed = await rollouts.start(command, marked)
  if ('refusal' in executed) return refused(executed.refusal)
  const plan = all ? 'the plan of all phases' : 'the plan of phase 1'
  const { rollout, warned } = executed.state
  if (warned !== undefined) {
    const who = (await holdersOf(desk.world, [spec.decides])).join(', ')
    const text = `The readiness report of ${spec.version} warns, so the rollout waits for the sign-off of ${spec.decides}: ask ${who} to press Accept… on its card.`
    return { text, rollout }
  }
  const text = isObserved(executed.state)
    ? `Observing the release of ${spec.version}: nothing is changed. Its thread says what Slipway would have done.`
    : `Started the rollout of ${spec.version}. Its thread shows ${plan}.`
  return { text, rollout }
}

/** What would be rolled out: the version that was named, or else the newest that was checked; null when there is none. */
async function specOf({ world, reports }: Desk, { ask }: Wish, asked: string | undefined) {
  const version = asked ?? (await reports.newestVersion())
  if (version === null) return null
  const { config } = world
  const digest = ask.kind === 'advance' && ask.digest !== undefined ? `@${ask.digest}` : ''
  const spec = frozenSpec(config, version, `${config.image.replaceAll('{version}', version)}${digest}`)
  const found = await reports.find(version)
  return { spec, report: found === null ? null : verdictOf(found) }
}

async function dryStartOf(desk: Desk, wish: Wish): Promise<Answer> {
  const found = await specOf(desk, wish, wish.ask.kind === 'advance' ? wish.ask.version : undefined)
  if (found === null) return refused(none(desk.world))
  return dry(await dryStart(desk.world, wish, found.spec, found.report))
}

function dry(shown: DryRun): Answer {
  return 'text' in shown ? shown : { text: shown.message.text, message: shown.message }
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

function answerTo(wish: Wish, executed: Executed): Answer {
  if (!('refusal' in executed)) return { text: doneText(wish, executed.state), rollout: executed.state.rollout }
  const { refusal, state } = executed
  if (isChoice(refusal) && state?.request !== undefined) {
    const { offers } = refusal.detail
    return { text: chooseRoleText(offers), buttons: roleButtons(state, state.request, offers), refused: refusal.code }
  }
  return refused(refusal)
}

function isChoice(refusal: Refusal): refusal is Refusal<'choose-role'> {
  return refusal.code === 'choose-role'
}

function doneText(wish: Wish, state: State): string {
  switch (wish.ask.kind) {
    case 'advance':
      return `Asked for phase ${state.request?.phase ?? state.phase}. The plan and its buttons are in the thread.`
    case 'approve': {
      const own = [...(state.request?.signOffs ?? []), ...(state.phases.at(-1)?.signOffs ?? [])]
      const role = own.find((s) => s.by.id === wish.user.id)?.role
      const missing = state.request === undefined ? [] : missingRoles(state, state.request)
      return `Your sign-off counts${role === undefined ? '' : `, as ${role}`}. ${missing.length === 0 ? 'Every role has signed.' : `Still missing: ${missing.join(', ')}.`}`
    }
    case 'withdraw':
      return 'Your sign-off is withdrawn. The thread says so.'
    case 'cancel':
      return 'The request is cancelled. The thread says so.'
    case 'nudge':
      return 'Those who are missing are reminded in the thread.'
    case 'tick-checkpoint':
      return 'Ticked off. The thread says so.'
    case 'handover':
      return `Handed over: ${mention(wish.ask.to)} is in charge. The thread says so.`
    case 'reject':
      return 'Rejected. The thread says so.'
    case 'rollback':
      return 'Rolling back. The thread tells when all traffic is on stable.'
    default:
      return 'Done. The thread says so.'
  }
}

import { refusalText, SlipwayError } from '../errors.ts'
import type { World } from '../jobs/world.ts'
import type { Executed } from '../ledger/rollouts.ts'
import { type Refusal, refuse } from '../rollout/refusal.ts'
import { serviceHeld } from '../rollout/service-held.ts'
import { missingRoles } from '../rollout/sign-off.ts'
import { holdsService, isOver, type State } from '../rollout/state.ts'
import { type Answer, type Desk, failed, none, refused } from './answer.ts'
import { lockAnswer, unlockAnswer } from './answer-lock.ts'
import { answerDryStart, answerStart, hasStarted } from './answer-start.ts'
import type { Wish } from './ask.ts'
import { buttonOver } from './button-over.ts'
import { questionBefore } from './confirm-rollback.ts'
import { dryAdvance } from './dry-run.ts'
import { mention } from './format.ts'
import { clocksDiffer } from './messenger.ts'
import { pastText } from './past-text.ts'
import { refusedTo } from './permission.ts'
import { chooseRoleText, roleButtons } from './sign-off-buttons.ts'
import { holdsText, statusText } from './status-text.ts'
import { threadsOf } from './threads-of.ts'
import { usages } from './usages.ts'
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
  const isFree = state === null || !holdsService(state)
  // An earlier try of it that was taken may have been about the rollout that there was, which is over by now.
  const mayStart = state === null || hasStarted(state, wish) || (isFree && !state.commands.has(wish.id))
  // A button belongs to its rollout and never starts another one.
  const isStart = ask.kind === 'start' || (ask.kind === 'advance' && mayStart && wish.target === undefined)
  if (ask.kind === 'advance' && ask.dryRun)
    return isStart || state === null ? answerDryStart(desk, wish) : dryAdvance(world, state, wish)
  if (isStart) return mayStart ? answerStart(desk, wish, state) : refused(serviceHeld(state).refusal)
  if (state === null) return refused(none(world))
  if (isOfEarlier(state, wish)) {
    return refused(refuse('said-before', { version: state.spec.version, moment: 'started' }).refusal)
  }
  if (isAboutRequest(ask.kind) && (await isElsewhere(world, wish, state))) {
    return failed(new SlipwayError('other-thread', { version: state.spec.version }))
  }
  if (ask.kind === 'handover' && !(await world.people.isMember(ask.to))) {
    return failed(new SlipwayError('handover-outside', { name: mention(ask.to) }))
  }
  // Of what is over only the clean-up is left to ask for.
  const over = isOver(state) && ask.kind !== 'finish' ? null : await buttonOver(wish, world.rollouts.history)
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

/** What works in the place of what an observing Slipway can't do; nothing while the cluster can't be read. */
async function byHandOf(world: World, { parts }: State): Promise<string> {
  if (parts === undefined) return ''
  const line = await world.cluster.byHand(parts.stable).catch(() => null)
  return line === null ? '' : `\nAll traffic back to ${parts.stable} by hand: \`${line}\``
}

/** Words that waited meant the rollout that there was, as does a button; one that was lost and found again counts from when it was found. */
function isOfEarlier({ startedAt, lost, commands }: State, { target, at, shownAt, id }: Wish): boolean {
  const said = shownAt === undefined ? at : shownAt + clocksDiffer
  return target === undefined && startedAt > said && lost === undefined && !commands.has(id)
}

/** Is this about the one request that is open, or about what its phase waits for? */
function isAboutRequest(kind: Wish['ask']['kind']): boolean {
  return ['approve', 'reject', 'withdraw', 'nudge', 'cancel'].includes(kind)
}

/** Were these words said in the thread of another rollout? */
async function isElsewhere({ cursors }: World, { thread, target }: Wish, { rollout }: State): Promise<boolean> {
  if (thread === undefined || target !== undefined) return false
  const threads = await threadsOf(cursors, rollout)
  return threads.length > 0 && !threads.includes(thread)
}

/** The rollout a button belongs to, or the current one. */
function wanted(world: World, wish: Wish): Promise<State | null> {
  const rollout = wish.target?.rollout ?? 0
  return rollout > 0 ? world.rollouts.load(rollout) : world.rollouts.current()
}

/** The help: every command and its use. */
export const helpText = Object.values(usages).join('\n')

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

/** `user`: the id of whoever withdrew. */
function withdrawnText({ request }: State, user: string): string {
  const own = request?.withdrawn?.[user]
  return request !== undefined && own !== undefined && own.role === undefined
    ? `You have not signed this request for phase ${request.phase}. If a sign-off of yours is still under way, it does not count.`
    : 'Your sign-off is withdrawn. The thread says so.'
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
      return withdrawnText(state, wish.user.id)
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

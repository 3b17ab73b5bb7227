import { refusalText } from '../errors.ts'
import type { Emergency } from '../jobs/emergency.ts'
import type { World } from '../jobs/world.ts'
import { weightText } from '../rollout/canary-weight.ts'
import type { PointOfNoReturn } from '../rollout/plan.ts'
import { pointPassed } from '../rollout/point-of-no-return.ts'
import { refuse } from '../rollout/refusal.ts'
import { isObserved, isOver, type State } from '../rollout/state.ts'
import type { Answer } from './answer.ts'
import type { Ask, Wish } from './ask.ts'
import type { Button } from './message.ts'
import { questionReference } from './reference.ts'
import { reasonNote, reasonOf } from './want-of.ts'

/** Where no button can be pressed, the same words within so many ms count as the second yes. */
const againWithin = 5 * 60_000

/**
 * What a person is asked before a rollback without -f, privately: once, and once more past the point of no return. Null when nothing
 * is left to ask, or for any other wish. A forced one never asks.
 */
export async function questionBefore(world: World, wish: Wish, state: State): Promise<Answer | null> {
  const { ask } = wish
  if (ask.kind !== 'rollback' || ask.forced || isObserved(state)) return null
  if (!ask.confirmed) return confirm(world, wish, state)
  if (ask.again || isOver(state) || state.rollback !== undefined || pointPassed(state) === null) return null
  return confirmAgain(world, wish, state)
}

/** Asks once, with one button; the reason waits for it. */
async function confirm(world: World, wish: Wish, state: State): Promise<Answer> {
  if (isOver(state)) {
    const { refusal } = refuse('rollout-over', { stage: state.stage })
    return { text: refusalText(refusal), refused: refusal.code }
  }
  await keepReason(world, wish, state)
  const question = `Take all traffic of ${state.service} back to stable? The canary gets ${weightText(state)} now.`
  const text = `${question} ${warning(state)}`.trim()
  return { text, buttons: [yes(state, wish, 'confirm-roll-back', 'now')] }
}

async function confirmAgain(world: World, wish: Wish, state: State): Promise<Answer | null> {
  const warned = `${warning(state)} Stable must work with that.`
  if (wish.from?.via === 'terminal') {
    const name = `asked-again:${wish.user.id}`
    const [of, at] = ((await world.cursors.note(state.rollout, name)) ?? '').split(' ')
    // The same wish, tried again after a crash, is no second yes.
    if (of !== wish.id && wish.at - Number(at ?? 0) < againWithin) return null
    await world.cursors.keep(state.rollout, name, `${wish.id} ${wish.at}`)
    return { text: `${warned} To roll back all the same, say so again within 5 minutes; -f never asks.` }
  }
  await keepReason(world, wish, state)
  return { text: `${warned} Roll back all the same?`, buttons: [yes(state, wish, 'confirm-again', 'all the same')] }
}

/** Beside the ledger, for the yes to the question that this wish is answered with. */
async function keepReason(world: World, wish: Wish, { rollout }: State): Promise<void> {
  const reason = await reasonOf(world, wish, rollout)
  if (reason !== '') await world.cursors.keep(rollout, reasonNote(wish.id), reason)
}

/** The same while Redis is away, by what this process knows; `id` is that of the wish. */
export async function questionWithoutRedis(
  emergency: Pick<Emergency, 'passed'>,
  service: string,
  id: string,
  ask: Extract<Ask, { kind: 'rollback' }>,
): Promise<Answer | null> {
  if (ask.forced || ask.again) return null
  const point = await emergency.passed()
  const button = { value: questionReference({ service, rollout: 0, version: 0 }, id), style: 'danger' } as const
  if (!ask.confirmed) {
    const question = 'Redis is away; rolling back works all the same. Take all traffic back to stable?'
    const text = point === null ? question : `${question} ${warningOf(point)}`
    return { text, buttons: [{ action: 'confirm-roll-back', label: 'Roll back now', ...button }] }
  }
  if (point === null) return null
  const text = `${warningOf(point)} Stable must work with that. Roll back all the same?`
  return { text, buttons: [{ action: 'confirm-again', label: 'Roll back all the same', ...button }] }
}

function warning(state: State): string {
  const point = pointPassed(state)
  return point === null ? '' : warningOf(point)
}

function warningOf({ what }: PointOfNoReturn): string {
  return `This is past the point of no return: the traffic would go back, but ${what} would not be undone.`
}

function yes(state: State, { id }: Wish, action: string, how: string): Button {
  const label = `Roll back ${state.spec.version} ${how}`
  return { action, label, value: questionReference(state, id), style: 'danger' }
}

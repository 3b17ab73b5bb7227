import type { CommandHead, Wish as Want } from '../rollout/commands.ts'
import { decide } from '../rollout/decide.ts'
import { isObserved, nextPhase, type State } from '../rollout/state.ts'
import type { Ask } from './ask.ts'

/** What somebody can do at this moment. `takes` says what the text beside it is for. */
export interface Choice {
  /** The kind of ask, with a version where it has one: `pause`, `start 5.1.0`. */
  readonly value: string
  /** Says what it does. */
  readonly label: string
  readonly takes: 'version' | 'reason' | 'nothing'
}

type Kind = Extract<
  Ask['kind'],
  'advance' | 'resume' | 'pause' | 'skip-soak' | 'take-over' | 'finish' | 'abort' | 'rollback'
>

/** By the order in which they are offered. */
const tried: readonly { readonly kind: Kind; readonly takes: Choice['takes']; readonly want: Want }[] = [
  { kind: 'advance', takes: 'nothing', want: { type: 'advance' } },
  { kind: 'resume', takes: 'nothing', want: { type: 'resume' } },
  { kind: 'take-over', takes: 'nothing', want: { type: 'take-over' } },
  { kind: 'finish', takes: 'nothing', want: { type: 'finish' } },
  { kind: 'pause', takes: 'reason', want: { type: 'pause', reason: '' } },
  { kind: 'skip-soak', takes: 'reason', want: { type: 'skip-soak', reason: 'for example' } },
  { kind: 'abort', takes: 'reason', want: { type: 'abort', reason: '' } },
  { kind: 'rollback', takes: 'reason', want: { type: 'roll-back', reason: '', forced: false } },
]

/** The commands that the form may offer, but for a rollback: nothing that is configured says who may do that. */
export const formCommands = tried.flatMap(({ kind }) => (kind === 'rollback' ? [] : [kind]))

/** What a rollout would not refuse now: each is put to `decide`, so that the form and the rules can't differ. */
export function possibleIn(state: State, head: Omit<CommandHead, 'id'>, may: ReadonlySet<string>): readonly Choice[] {
  return tried
    .filter(({ kind }) => kind === 'rollback' || may.has(kind))
    .filter(({ want }) => {
      const decision = decide(state, { ...want, ...head, id: 'form' }, state.service)
      return 'events' in decision && decision.events.length > 0
    })
    .map(({ kind, takes }) => ({ value: kind, takes, label: labelOf(kind, state) }))
}

function labelOf(kind: Kind, state: State): string {
  switch (kind) {
    case 'advance':
      return `Ask to advance to ${nextPhase(state)?.weight ?? 100} %`
    case 'resume':
      return 'Resume'
    case 'take-over':
      return "Take over again: write Slipway's own back"
    case 'finish':
      return state.cleanUp === 'failed' ? 'Clean up again' : 'Scale the unused pods down all the same'
    case 'pause':
      return 'Pause'
    case 'skip-soak':
      return 'Ask to skip the rest of this soak (with a reason)'
    case 'abort':
      return isObserved(state) ? 'Stop observing' : 'Abort: end it before any traffic'
    case 'rollback':
      return 'Roll back now: all traffic to stable'
  }
}

import { type ErrorCode, refusalText, type SlipwayError } from '../errors.ts'
import type { World } from '../jobs/world.ts'
import type { Reports } from '../ledger/reports.ts'
import { type Refusal, refuse } from '../rollout/refusal.ts'
import type { Wish } from './ask.ts'
import type { Button, Message } from './message.ts'
import type { LockNews } from './tell-lock.ts'

/** What a person is told in private; plain words, escaped where they are sent. */
export interface Answer {
  readonly text: string
  readonly buttons?: readonly Button[]
  /** Code of the refusal, when it is one. */
  readonly refused?: ErrorCode
  /** The rollout that may have moved by it. */
  readonly rollout?: number
  /** Shown in place of the text: mrkdwn, escaped already. */
  readonly message?: Message
}

/** What answering needs beside the world. */
export interface Desk {
  readonly world: World
  readonly reports: Reports
  readonly startReadiness: (wish: Wish, ask: Extract<Wish['ask'], { kind: 'readiness' }>) => Promise<void>
  /** Tells the channel of a lock that no rollout's thread tells of. */
  readonly tellLock: (news: LockNews) => Promise<void>
  /** What does not answer at the moment, one line each. */
  readonly away: () => readonly string[]
}

/** The words of an error as the answer to the one who asked. */
export function failed({ code, message, todo }: SlipwayError): Answer {
  return { text: `${message} ${todo}`, refused: code }
}

/** The words of a refusal. */
export function refused(refusal: Refusal): Answer {
  return { text: refusalText(refusal), refused: refusal.code }
}

/** Nothing is under way that could be meant. */
export function none({ config }: World): Refusal {
  return refuse('no-rollout', { service: config.service }).refusal
}

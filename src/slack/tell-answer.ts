import { z } from 'zod'
import { madeBlocks } from '../unchecked.ts'
import type { Answer } from './answer.ts'
import type { Wish } from './ask.ts'
import { timeText, withMentions } from './format.ts'
import { context, limits, type Message, textMessage, withId } from './message.ts'
import type { Messenger } from './messenger.ts'

/** An answer that comes later than this (ms) says when it was asked for. */
const late = 60_000

const telling = z.object({
  /** When it was asked for, in ms since 1970. */
  at: z.number(),
  user: z.string(),
  message: z.object({ text: z.string(), blocks: madeBlocks }),
  thread: z.string().exactOptional(),
})
type Telling = z.infer<typeof telling>

type Asked = Pick<Wish, 'id' | 'at' | 'user' | 'thread'>

/** Name of the job that tells somebody what became of their wish. */
export const answerJob = 'answer'

/** What that job is told. */
export function tellingOf({ id: wish, at, user, thread }: Asked, answer: Answer): Telling {
  const id = `answer/${wish}`.slice(0, 255)
  const message =
    answer.message === undefined
      ? textMessage(id, withMentions(answer.text), answer.buttons)
      : withId(id, answer.message)
  return { at, user: user.id, message, ...(thread !== undefined && { thread }) }
}

/**
 * Sends an answer to the one who asked: what `tellingOf` says, also after it went through a queue. `now` is in ms since 1970. Throws what
 * `Messenger` throws.
 */
export async function tellAnswer(messenger: Pick<Messenger, 'tell'>, data: unknown, now: number): Promise<void> {
  const { at, user, message, thread } = telling.parse(data)
  await messenger.tell(user, now - at > late ? dated(message, at) : message, thread)
}

/** With when it was asked for: by now its sender may have asked for something else. */
function dated({ text, blocks }: Message, at: number): Message {
  const note = context(`This answers what you asked at ${timeText(at)}.`)
  return { text, blocks: [...blocks.slice(0, limits.blocks - 1), note] }
}

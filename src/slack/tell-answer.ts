import { z } from 'zod'
import { madeBlocks } from '../unchecked.ts'
import type { Answer } from './answer.ts'
import type { Wish } from './ask.ts'
import { withMentions } from './format.ts'
import { textMessage, withId } from './message.ts'
import type { Messenger } from './messenger.ts'

const telling = z.object({
  user: z.string(),
  message: z.object({ text: z.string(), blocks: madeBlocks }),
  thread: z.string().exactOptional(),
})
type Telling = z.infer<typeof telling>

/** Name of the job that tells somebody what became of their wish. */
export const answerJob = 'answer'

/** What that job is told. */
export function tellingOf({ id: wish, user, thread }: Wish, answer: Answer): Telling {
  const id = `answer/${wish}`.slice(0, 255)
  const message =
    answer.message === undefined
      ? textMessage(id, withMentions(answer.text), answer.buttons)
      : withId(id, answer.message)
  return { user: user.id, message, ...(thread !== undefined && { thread }) }
}

/** Sends an answer to the one who asked: what `tellingOf` says, also after it went through a queue. Throws what `Messenger` throws. */
export async function tellAnswer(messenger: Pick<Messenger, 'tell'>, data: unknown): Promise<void> {
  const { user, message, thread } = telling.parse(data)
  await messenger.tell(user, message, thread)
}

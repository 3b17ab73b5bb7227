import type { WebClient } from '@slack/web-api'
import { z } from 'zod'
import { tell } from '../jobs/failure.ts'
import { headsOfLine, type ToldHead } from '../ledger/head-text.ts'
import { call } from '../slack/messenger.ts'
import type { Ask } from './patient.ts'

const self = z.object({ user_id: z.string(), bot_id: z.string().optional() })
const page = z.object({
  messages: z
    .array(
      z.object({
        user: z.string().optional(),
        bot_id: z.string().optional(),
        blocks: z.array(z.unknown()).default([]),
      }),
    )
    .default([]),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
})

/** How the thread tells heads; everything else that Slipway posts may quote what somebody wrote. */
const small = z.object({
  type: z.literal('context'),
  elements: z.tuple([z.object({ type: z.literal('mrkdwn'), text: z.string() })]),
})

/** What was read of the threads. */
export interface HeadsRead {
  readonly heads: readonly ToldHead[]
  /** The rollouts whose thread could not be read, or not to its end, with why. */
  readonly unread: readonly { readonly rollout: number; readonly why: string }[]
}

/**
 * Every head that Slipway has told in these threads; what others wrote there does not count, nor what Slipway quotes of it. A thread that can't be read
 * is named, the others are read all the same. Throws what `call` throws when Slack does not say who Slipway is there.
 */
export async function headsInThreads(
  client: WebClient,
  channel: string,
  threads: ReadonlyMap<number, readonly string[]>,
  service: string,
  ask: Ask,
): Promise<HeadsRead> {
  const own = self.parse(await ask(() => call('auth.test', () => client.auth.test())))
  const heads: ToldHead[] = []
  const unread: HeadsRead['unread'][number][] = []
  for (const [rollout, those] of threads) {
    for (const ts of those) {
      try {
        await readThread(ts)
      } catch (error) {
        unread.push({ rollout, why: tell(error).what })
      }
    }
  }
  return { heads, unread }

  async function readThread(ts: string): Promise<void> {
    let cursor: string | undefined
    do {
      const options = { channel, ts, limit: 200, ...(cursor && { cursor }) }
      const method = 'conversations.replies'
      const { messages, response_metadata } = page.parse(
        await ask(() => call(method, () => client.apiCall(method, options))),
      )
      const ours = messages.filter((m) => m.user === own.user_id || (m.bot_id !== undefined && m.bot_id === own.bot_id))
      for (const block of ours.flatMap(({ blocks }) => blocks)) {
        const { data } = small.safeParse(block)
        if (data !== undefined) heads.push(...headsOfLine(data.elements[0].text, service))
      }
      cursor = response_metadata?.next_cursor
    } while (cursor !== undefined && cursor !== '')
  }
}

import type { World } from '../jobs/world.ts'
import { bare, joined, type Message } from './message.ts'
import { isUntakeable } from './messenger.ts'

/** Does something with a message: with these as one, or, where Slack does not take that as it is, with their barest form. */
export type FallBack = <T>(messages: readonly Message[], act: (message: Message) => Promise<T>) => Promise<T>

/**
 * What Slack refuses for its content it refuses for ever, and with it whatever is to be told after it. So its beginning is told in its place,
 * under the same ids, and the log says once that a person must look.
 */
export function createFallBack({ log }: Pick<World, 'log'>): FallBack {
  const logged = new Set<string>()

  function tellOnce(error: unknown, messages: readonly Message[]): void {
    const ids = messages.map(({ blocks: [first] }) => first?.block_id ?? '')
    if (!ids.every((id) => logged.has(id)))
      log.error(
        { err: error, messages: ids },
        'Slack does not take a message as it is: only its beginning is told. This is a fault of Slipway: report it',
      )
    for (const id of ids) logged.add(id)
  }

  return async (messages, act) => {
    try {
      return await act(joined(messages))
    } catch (error) {
      if (!isUntakeable(error)) throw error
      tellOnce(error, messages)
    }
    try {
      // Somebody may have to press them: unless they are what Slack does not take.
      return await act(bare(messages, 'buttons'))
    } catch (error) {
      if (!isUntakeable(error)) throw error
      return act(bare(messages, 'no buttons'))
    }
  }
}

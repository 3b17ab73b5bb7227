import type { WebClient } from '@slack/web-api'
import { z } from 'zod'
import { SlipwayError } from '../errors.ts'
import { call } from './messenger.ts'

const answer = z.object({
  user: z.object({
    name: z.string(),
    deleted: z.boolean().default(false),
    is_bot: z.boolean().default(false),
    is_restricted: z.boolean().default(false),
  }),
})

/** Somebody as Slack knows them; `active` is false for one who has left, a bot, or a guest. */
export interface Person {
  readonly name: string
  readonly active: boolean
}

/** A member of the workspace, or null when there is none of this id. @throws SlipwayError as `call` does. */
export async function findPerson(client: WebClient, id: string): Promise<Person | null> {
  try {
    const { user } = answer.parse(await call('users.info', () => client.users.info({ user: id })))
    return { name: user.name, active: !user.deleted && !user.is_bot && !user.is_restricted }
  } catch (error) {
    const unknown = error instanceof SlipwayError && 'error' in error.detail && /^user_not_/.test(error.detail.error)
    if (unknown) return null
    throw error
  }
}

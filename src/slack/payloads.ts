import { z } from 'zod'

/** A slash command, as far as Slipway reads it. */
export const commandPayload = z.object({
  text: z.string().default(''),
  user_id: z.string(),
  user_name: z.string().default(''),
  channel_id: z.string(),
  trigger_id: z.string(),
})

/** A press of a button. */
export const actionPayload = z.object({
  user: z.object({ id: z.string(), name: z.string().exactOptional(), username: z.string().exactOptional() }),
  channel: z.object({ id: z.string() }),
  trigger_id: z.string(),
  container: z
    .object({ thread_ts: z.string().exactOptional(), message_ts: z.string().exactOptional() })
    .exactOptional(),
  message: z
    .object({ ts: z.string(), thread_ts: z.string().exactOptional(), subtype: z.string().exactOptional() })
    .exactOptional(),
  actions: z
    .array(z.object({ action_id: z.string(), action_ts: z.string().exactOptional(), value: z.string().default('') }))
    .min(1),
})
export type ActionPayload = z.infer<typeof actionPayload>

/** The reason given when targets are accepted. */
export const viewPayload = z.object({
  user: z.object({ id: z.string(), name: z.string().exactOptional(), username: z.string().exactOptional() }),
  view: z.object({
    id: z.string(),
    private_metadata: z.string(),
    state: z.object({
      values: z.object({ reason: z.object({ reason: z.object({ value: z.string().nullable().exactOptional() }) }) }),
    }),
  }),
})

/** What was chosen and written in the form of `/deploy` alone. */
export const formPayload = z.object({
  user: z.object({ id: z.string(), name: z.string().exactOptional(), username: z.string().exactOptional() }),
  view: z.object({
    id: z.string(),
    private_metadata: z.string(),
    state: z.object({
      values: z.object({
        choice: z
          .object({ choice: z.object({ selected_option: z.object({ value: z.string() }).nullable().exactOptional() }) })
          .exactOptional(),
        text: z.object({ text: z.object({ value: z.string().nullable().exactOptional() }) }).exactOptional(),
      }),
    }),
  }),
})

/** A mention in the channel; Slack sends it again when it is edited. */
export const mentionPayload = z.object({
  user: z.string(),
  channel: z.string(),
  text: z.string(),
  ts: z.string().regex(/^\d+\.\d+$/),
  thread_ts: z.string().exactOptional(),
  edited: z.object({ ts: z.string() }).exactOptional(),
})
export type MentionPayload = z.infer<typeof mentionPayload>

/** Somebody opened the app: its home, or its messages. */
export const homePayload = z.object({ user: z.string(), tab: z.string() })

/** The name a payload gives a user. */
export function nameOf(user: { readonly id: string; readonly name?: string; readonly username?: string }): string {
  return user.name ?? user.username ?? user.id
}

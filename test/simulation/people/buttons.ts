import { z } from 'zod'
import { rootId } from '../../../src/slack/reference.ts'
import type { Slack } from '../ports/slack.ts'
import { config } from '../spec.ts'

/** A button as it can be seen in a rollout's thread. */
export interface ShownButton {
  readonly action: string
  readonly value: string
  readonly ts: string
  readonly thread: string
}

const actions = z.object({
  type: z.literal('actions'),
  elements: z.array(z.object({ action_id: z.string(), value: z.string() })),
})

/** The buttons of a rollout's thread, oldest first. */
export function shownButtons(slack: Slack, rollout: number): readonly ShownButton[] {
  // Before the mark was claimed nothing knows of a number that Redis has lost: the newest thread is the one that people go by.
  const card = slack.messages.findLast((m) => m.ids.includes(rootId({ service: config.service, rollout })))
  if (card === undefined) return []
  return slack.messages.flatMap(({ ts, thread, message }) => {
    const last = message.blocks.at(-1)
    if (thread !== card.ts || last?.type !== 'actions') return []
    return actions.parse(last).elements.map(({ action_id, value }) => ({ action: action_id, value, ts, thread }))
  })
}

/** The newest private answer to each person that holds buttons of this value. */
export function privateButtons(slack: Slack, value: string): readonly { user: string; buttons: readonly string[] }[] {
  const newest = new Map<string, readonly string[]>()
  for (const { user, message } of slack.told) {
    const last = message.blocks.at(-1)
    const elements = last?.type === 'actions' ? actions.parse(last).elements : []
    newest.set(
      user,
      elements.filter((e) => e.value === value).map((e) => e.action_id),
    )
  }
  return [...newest].map(([user, buttons]) => ({ user, buttons }))
}

import { z } from 'zod'
import type { Message } from '../../../src/slack/message.ts'
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

type Element = z.infer<typeof actions>['elements'][number]

const none: readonly never[] = []

/** A block of buttons, taken apart once however often people look at the message. */
const taken = new WeakMap<object, readonly Element[]>()

function elementsOf({ blocks }: Message): readonly Element[] {
  const last = blocks.at(-1)
  if (last?.type !== 'actions') return none
  const elements = taken.get(last) ?? actions.parse(last).elements
  taken.set(last, elements)
  return elements
}

/** The buttons of a rollout's thread, oldest first. */
export function shownButtons(slack: Slack, rollout: number): readonly ShownButton[] {
  // Before the mark was claimed nothing knows of a number that Redis has lost: the newest thread is the one that people go by.
  const id = rootId({ service: config.service, rollout })
  const card = slack.messages.findLast((m) => m.ids.includes(id))
  if (card === undefined) return []
  return slack.messages.flatMap(({ ts, thread, message }): readonly ShownButton[] => {
    if (thread !== card.ts) return none
    return elementsOf(message).map(({ action_id, value }) => ({ action: action_id, value, ts, thread }))
  })
}

/** The newest private answer to each person that holds buttons of this value. */
export function privateButtons(slack: Slack, value: string): readonly { user: string; buttons: readonly string[] }[] {
  const newest = new Map<string, readonly string[]>()
  for (const { user, message } of slack.told) {
    const elements = elementsOf(message).filter((e) => e.value === value)
    newest.set(
      user,
      elements.map((e) => e.action_id),
    )
  }
  return [...newest].map(([user, buttons]) => ({ user, buttons }))
}

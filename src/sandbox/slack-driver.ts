import { z } from 'zod'
import { SlipwayError } from '../errors.ts'
import { until } from './until.ts'

const message = z.looseObject({
  ts: z.string(),
  channel: z.string(),
  /** Who posted it. */
  user: z.string().optional(),
  /** Only on messages of apps. */
  bot_id: z.string().optional(),
  /** The name an app posted under, where it chose one. */
  username: z.string().optional(),
  text: z.string().default(''),
  blocks: z.array(z.unknown()).default([]),
  thread_ts: z.string().optional(),
  /** `ephemeral` for those that only one person sees. */
  subtype: z.string().optional(),
  ephemeral_to: z.string().optional(),
  edited: z.object({ ts: z.string() }).optional(),
})

/** A message as the workspace holds it: the latest edit. */
export type SlackMessage = z.infer<typeof message>

const action = z.looseObject({ type: z.string(), action_id: z.string(), value: z.string().optional() })
/** Something to click in a message. */
type SlackAction = z.infer<typeof action> & { readonly block_id: string | undefined }

const container = z.looseObject({ block_id: z.string().optional() })

/** What is typed, as Slack passes it on (manifest.yml, should_escape): people by their id, everything else escaped. */
function escaped(typed: string): string {
  const text = typed.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return text.replaceAll(/&lt;@([UW][A-Z0-9]+)&gt;/g, '<@$1>')
}

/** Everything in a message that can be clicked, in order. */
function actionsOf(shown: Pick<SlackMessage, 'blocks'>): readonly SlackAction[] {
  const found: SlackAction[] = []
  const search = (node: unknown, block: string | undefined) => {
    if (Array.isArray(node)) for (const item of node) search(item, block)
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return
    const id = container.safeParse(node).data?.block_id ?? block
    const clickable = action.safeParse(node)
    if (clickable.success) found.push({ ...clickable.data, block_id: id })
    for (const value of Object.values(node)) search(value, id)
  }
  search(shown.blocks, undefined)
  return found
}

/** Everything a message says, blocks included, as one text to look for words in. */
export function wordsOf(shown: Pick<SlackMessage, 'text' | 'blocks'>): string {
  const texts = [shown.text]
  const search = (node: unknown) => {
    if (typeof node !== 'object' || node === null) return
    for (const [key, value] of Object.entries(node)) {
      if (key === 'text' && typeof value === 'string') texts.push(value)
      else search(value)
    }
  }
  search(shown.blocks)
  return texts.join('\n')
}

/**
 * Does in the local workspace what people do with a mouse and a keyboard, over local-slack's `/_control`:
 * `POST command {channel, user, command, text}`, `POST interact {channel, messageTs, user, action}` (the whole element
 * goes along, as Slack sends it) and `POST message {channel, user, text, thread_ts?}` each return once the app has
 * acknowledged, or after 5 s without that, or at once when no app is connected. `GET messages/CHANNEL` gives every
 * message of a channel in the order of posting: replies, private ones (`subtype: ephemeral`, `ephemeral_to`) and edits.
 */
export class SlackDriver {
  readonly #control: string
  readonly #channel: string

  /** @param url address of the workspace's page; @param channel where everything happens. */
  constructor(url: string, channel: string) {
    this.#control = `${url}/_control`
    this.#channel = channel
  }

  /** Types a slash command, such as `/deploy status`, in which `<@U…>` is a person that was picked. Returns when Slipway has acknowledged it, at the latest after 5 s. */
  async command(user: string, line: string): Promise<void> {
    const [command, ...words] = line.split(' ')
    await this.#post('command', { channel: this.#channel, user, command, text: escaped(words.join(' ')) })
  }

  /** Posts a message, in a thread where one is named: how mentions are made. */
  async say(user: string, text: string, thread?: string): Promise<void> {
    await this.#post('message', { channel: this.#channel, user, text, ...(thread && { thread_ts: thread }) })
  }

  /**
   * Clicks the first element with this action id in a message as it was when it was read: one may click late.
   * @throws SlipwayError `sandbox-nothing-to-click` when the message has no such element.
   */
  async click(user: string, shown: SlackMessage, actionId: string): Promise<void> {
    const clicked = actionsOf(shown).find((one) => one.action_id === actionId)
    if (clicked === undefined) {
      const found = actionsOf(shown).map((one) => one.action_id)
      throw new SlipwayError('sandbox-nothing-to-click', { wanted: actionId, found: found.join(', ') || 'nothing' })
    }
    await this.#post('interact', { channel: shown.channel, messageTs: shown.ts, user, action: clicked })
  }

  /** Every message of a channel: threads, edits and private ones included. */
  async messages(channel = this.#channel): Promise<readonly SlackMessage[]> {
    const response = await fetch(`${this.#control}/messages/${channel}`, { signal: AbortSignal.timeout(10_000) })
    return z.object({ messages: z.array(message) }).parse(await response.json()).messages
  }

  /** A message and its replies. */
  async thread(ts: string, channel = this.#channel): Promise<readonly SlackMessage[]> {
    const all = await this.messages(channel)
    return all.filter((one) => one.subtype !== 'ephemeral' && (one.ts === ts || one.thread_ts === ts))
  }

  /** What only this person sees. */
  async ephemerals(user: string): Promise<readonly SlackMessage[]> {
    return (await this.messages()).filter((one) => one.subtype === 'ephemeral' && one.ephemeral_to === user)
  }

  /**
   * Waits until a message (posted or edited before or after the call) fulfils the predicate.
   * @param limit ms. @throws SlipwayError `sandbox-no-message` after that, with the last texts there were.
   */
  async waitForMessage(predicate: (shown: SlackMessage) => boolean, limit: number): Promise<SlackMessage> {
    const found = await until(async () => (await this.messages()).find(predicate), limit, 50)
    if (found) return found
    const last = (await this.messages()).slice(-5).map((one) => `- ${one.text}`)
    throw new SlipwayError('sandbox-no-message', { after: limit, last: last.join('\n') })
  }

  /** Forgets every message. */
  async clear(): Promise<void> {
    await this.#post('reset', {})
  }

  async #post(what: 'command' | 'message' | 'interact' | 'reset', body: unknown): Promise<void> {
    const response = await fetch(`${this.#control}/${what}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    })
    const text = await response.text()
    if (!response.ok) throw new SlipwayError('slack-refused', { method: what, error: text })
  }
}

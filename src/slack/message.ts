import type { KnownBlock } from '@slack/web-api'
import { clip } from '../clip.ts'
import { escapeText, plainText } from './format.ts'

/** What is posted: blocks for people, text for notifications and for clients without blocks. */
export interface Message {
  readonly text: string
  readonly blocks: readonly KnownBlock[]
}

/** A button. Its value is an opaque reference; what it means is looked up in the ledger. */
export interface Button {
  readonly action: string
  /** Says what it does: `Advance to 20 %`. */
  readonly label: string
  readonly value: string
  readonly style?: 'primary' | 'danger'
}

/**
 * Slack's own limits (design.md, Slack). `together`: characters in all blocks of a message. Slack documents it nowhere, and refuses what has
 * some 13,000 (github.com/slackapi/bolt-js/issues/2509).
 */
export const limits = { blocks: 50, section: 3_000, header: 150, buttons: 25, text: 4_000, together: 12_000 } as const

/** Text as it is written: Slack makes no links and mentions of its own out of what people have said. */
export function section(text: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: clip(text, limits.section), verbatim: true } }
}

export function header(text: string): KnownBlock {
  return { type: 'header', text: { type: 'plain_text', text: clip(text, limits.header) } }
}

export function context(text: string): KnownBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: clip(text, limits.section), verbatim: true }] }
}

export function buttons(list: readonly Button[]): KnownBlock[] {
  if (list.length === 0) return []
  const elements = list.slice(0, limits.buttons).map((b) => ({
    type: 'button' as const,
    action_id: b.action,
    text: { type: 'plain_text' as const, text: clip(b.label, 75) },
    value: b.value,
    ...(b.style && { style: b.style }),
  }))
  return [{ type: 'actions', elements }]
}

/** A message of one text and its buttons. The first block carries `id`, by which the message is found again. */
export function textMessage(id: string, text: string, list: readonly Button[] = []): Message {
  return withId(id, { text: clip(text, limits.text), blocks: [section(text), ...buttons(list)] })
}

/** Several messages as one: after an absence one post tells it all. Each part keeps the id of what it shows. */
export function joined(messages: readonly Message[]): Message {
  return {
    text: clip(messages.map((m) => m.text).join('\n'), limits.text),
    blocks: fitting(messages.flatMap((m) => m.blocks).slice(0, limits.blocks)),
  }
}

/** How much of each message is told where Slack does not take it as it is, in characters. */
const longestBare = 150

/** The beginning of each, as plain as can be, under the same id, with the buttons or without: for what Slack does not take as it is. */
export function bare(messages: readonly Message[], has: 'buttons' | 'no buttons'): Message {
  const pressed = has === 'buttons' ? messages.flatMap((m) => m.blocks).filter(({ type }) => type === 'actions') : []
  const told = messages.map(({ text, blocks: [first] }) => {
    const plain =
      `${clip(plainText(text), longestBare)} (Slack did not take the whole of it; /deploy shows what is possible.)`.trim()
    return { plain, block_id: first?.block_id }
  })
  return {
    text: clip(escapeText(told.map(({ plain }) => plain).join('\n')), limits.text),
    blocks: [
      ...told.map(({ plain, block_id }) => ({
        type: 'section' as const,
        ...(block_id !== undefined && { block_id }),
        text: { type: 'plain_text' as const, text: plain },
      })),
      ...pressed,
    ].slice(0, limits.blocks),
  }
}

/** Marks a message with the id of what it shows. */
export function withId(id: string, message: Message): Message {
  const [first, ...rest] = message.blocks.slice(0, limits.blocks)
  return first === undefined
    ? message
    : { text: clip(message.text, limits.text), blocks: fitting([{ ...first, block_id: id }, ...rest]) }
}

/** The blocks with no more text than Slack takes together: what is longest is cut, and buttons stay. */
function fitting(blocks: readonly KnownBlock[]): readonly KnownBlock[] {
  let fitted = blocks
  for (let most: number = limits.section; lengthOf(fitted) > limits.together && most > shortest; most -= 50)
    fitted = blocks.map((block) => cut(block, most))
  return fitted
}

/** No text is cut to fewer characters: so many of each have room in as many blocks as a message has. */
const shortest = 100

/** Characters of all texts in these. */
function lengthOf(blocks: readonly KnownBlock[]): number {
  return blocks.flatMap(textsOf).reduce((sum, text) => sum + text.length, 0)
}

function textsOf(block: KnownBlock): readonly string[] {
  switch (block.type) {
    case 'section':
    case 'header':
      return block.text === undefined ? [] : [block.text.text]
    case 'context':
      return block.elements.flatMap((one) => ('text' in one ? [one.text] : []))
    case 'actions':
      return block.elements.flatMap((one) => (one.type === 'button' ? [one.text.text] : []))
    default:
      return []
  }
}

function cut(block: KnownBlock, most: number): KnownBlock {
  if (block.type === 'section' && block.text !== undefined)
    return { ...block, text: { ...block.text, text: clip(block.text.text, most) } }
  if (block.type !== 'context') return block
  const elements = block.elements.map((one) => ('text' in one ? { ...one, text: clip(one.text, most) } : one))
  return { ...block, elements }
}

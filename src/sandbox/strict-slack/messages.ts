import { type Arguments, textOf } from './arguments.ts'
import { blocks as blocksOf } from './block-kit.ts'
import { homeTab } from './home-tab.ts'
import { limits } from './limits.ts'
import { mistakesIn } from './mistakes.ts'
import { modal } from './modal.ts'
import { invalid, type Refusal, refusal } from './refusal.ts'

const messageBlocks = blocksOf(limits.messageBlocks)
const withBlocks = ['chat.postMessage', 'chat.postEphemeral', 'chat.update']

/** What is wrong with a message (docs.slack.dev/reference/methods/chat.postMessage, Errors); null when nothing is. */
export function messageRefusal(method: string, args: Arguments): Refusal | null {
  if (!withBlocks.includes(method)) return null
  const { blocks } = args
  const text = textOf(args, 'text')
  const hasBlocks = Array.isArray(blocks) && blocks.length > 0
  if (text === undefined && !hasBlocks && args.attachments === undefined) return refusal('no_text')
  const most = method === 'chat.update' ? limits.editText : limits.postText
  if ((text ?? '').length > most) return refusal('msg_too_long')
  if (blocks === undefined) return null
  if (!Array.isArray(blocks)) return refusal('invalid_blocks_format')
  const mistakes = mistakesIn(messageBlocks, blocks, '/blocks')
  if (mistakes.length > 0) return invalid('invalid_blocks', mistakes)
  return lengthOf(blocks) > limits.blockTexts ? refusal('msg_blocks_too_long') : null
}

/** Characters of all the texts in it. */
function lengthOf(node: unknown): number {
  if (typeof node !== 'object' || node === null) return 0
  return Object.entries(node).reduce(
    (sum, [key, value]) => sum + (key === 'text' && typeof value === 'string' ? value.length : lengthOf(value)),
    0,
  )
}

/** What is wrong with a modal, or with App Home; null when nothing is. */
export function viewRefusal(method: string, args: Arguments): Refusal | null {
  if (!method.startsWith('views.')) return null
  const mistakes = mistakesIn(method === 'views.publish' ? homeTab : modal, args.view, '/view')
  return mistakes.length === 0 ? null : invalid('invalid_arguments', mistakes)
}

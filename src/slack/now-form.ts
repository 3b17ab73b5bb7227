import type { ModalView } from '@slack/web-api'
import { clip } from '../clip.ts'
import { readRelease } from '../config/release-name.ts'
import { type Ask, ask, longestReason } from './ask.ts'
import { withMentions } from './format.ts'
import { section } from './message.ts'
import { parseCommand, parseReason, tidy } from './parse-command.ts'
import type { Choice } from './possible-now.ts'

/** What the form of `/deploy` alone shows. */
export interface NowForm {
  /** Where the release stands, in plain words. */
  readonly status: string
  readonly choices: readonly Choice[]
  /** The rollout and version that the choices are about, as a reference; empty when there is none. */
  readonly about: string
}

/** Name of the form, and of its blocks. */
export const formName = 'now'
const [chosen, text] = ['choice', 'text']

/** The form as Slack shows it. */
export function nowView({ status, choices, about }: NowForm): ModalView {
  const options = choices.map(({ value, label }) => ({
    value,
    text: { type: 'plain_text' as const, text: clip(label, 75) },
  }))
  const takes = choices.some((c) => c.takes === 'version') ? 'version' : 'reason'
  const wanted = choices.some((c) => c.takes !== 'nothing')
  const label = takes === 'version' ? 'Version to check, such as 5.1.0' : 'Reason'
  const element = { type: 'plain_text_input', action_id: text, max_length: longestReason } as const
  return {
    type: 'modal',
    callback_id: formName,
    private_metadata: about,
    title: { type: 'plain_text', text: 'Deploy' },
    close: { type: 'plain_text', text: 'Close' },
    ...(options.length > 0 && { submit: { type: 'plain_text', text: 'Do it' } }),
    blocks: [
      section(withMentions(status)),
      ...(options.length === 0
        ? []
        : [
            {
              type: 'input' as const,
              block_id: chosen,
              label: { type: 'plain_text' as const, text: 'What is possible now' },
              element: { type: 'radio_buttons' as const, action_id: chosen, options },
            },
          ]),
      ...(wanted
        ? [
            {
              type: 'input' as const,
              block_id: text,
              optional: true,
              label: { type: 'plain_text' as const, text: label },
              element,
            },
          ]
        : []),
    ],
  }
}

/** What somebody has entered, as an ask; or which block is wrong and why. */
export function readForm(
  value: string | undefined,
  written: string,
): { readonly ask: Ask } | { readonly errors: Readonly<Record<string, string>> } {
  const [kind = '', named = ''] = (value ?? '').split(' ')
  if (kind === '') return { errors: { [chosen]: 'Choose what to do.' } }
  if (kind === 'start') return { ask: ask.parse({ kind, ...readRelease(named) }) }
  if (kind === 'rollback') {
    // The form has asked already.
    const reason = clip(tidy(written), longestReason)
    return { ask: { kind, reason, forced: false, confirmed: true } }
  }
  const wrong = (mistake: string) => ({ errors: { [text]: mistake.replaceAll('`', '') } })
  // The field of a reason holds no options.
  if (['pause', 'skip-soak', 'abort'].includes(kind) && tidy(written) !== '') {
    const read = parseReason(written)
    return 'mistake' in read ? wrong(read.mistake) : { ask: ask.parse({ kind, ...read }) }
  }
  const parsed = parseCommand(kind === 'readiness' ? `${kind} ${written}` : kind)
  return 'ask' in parsed ? parsed : wrong(parsed.mistake)
}

import { z } from 'zod'
import { limits } from './limits.ts'

/** A text of at most so many characters, in Slack's words. */
export const string = (most: number) => z.string().max(most, `must be less than ${most + 1} characters`)
const words = (most: number) => string(most).min(1, 'must be more than 0 characters')
const list = <T extends z.ZodType>(item: T, most: number) =>
  z.array(item).min(1, 'no fewer than 1 item allowed').max(most, `no more than ${most} items allowed`)

/** A text without formatting, as long as its place allows. */
export const plainText = (most: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: words(most), emoji: z.boolean().optional() })
const anyText = (most: number) =>
  z.discriminatedUnion('type', [
    plainText(most),
    z.strictObject({ type: z.literal('mrkdwn'), text: words(most), verbatim: z.boolean().optional() }),
  ])

const blockId = words(limits.blockId).optional()
const actionId = words(limits.actionId).optional()

const button = z.strictObject({
  type: z.literal('button'),
  text: plainText(limits.buttonText),
  action_id: actionId,
  value: string(limits.buttonValue).optional(),
  url: string(limits.url).optional(),
  style: z.enum(['primary', 'danger'], 'must be one of primary, danger').optional(),
  confirm: z.looseObject({}).optional(),
  accessibility_label: string(limits.buttonText).optional(),
})
const option = z.strictObject({
  text: anyText(limits.optionText),
  value: words(limits.optionValue),
  description: anyText(limits.optionText).optional(),
})
const radioButtons = z.strictObject({
  type: z.literal('radio_buttons'),
  action_id: actionId,
  options: list(option, limits.options),
  initial_option: option.optional(),
  confirm: z.looseObject({}).optional(),
  focus_on_load: z.boolean().optional(),
})
const length = z.int().max(limits.typed, `must be less than ${limits.typed + 1}`)
const textInput = z.strictObject({
  type: z.literal('plain_text_input'),
  action_id: actionId,
  initial_value: string(limits.typed).optional(),
  multiline: z.boolean().optional(),
  min_length: length.min(0, 'must be at least 0').optional(),
  max_length: length.min(1, 'must be at least 1').optional(),
  placeholder: plainText(limits.placeholder).optional(),
  dispatch_action_config: z.looseObject({}).optional(),
  focus_on_load: z.boolean().optional(),
})
/** Slack has them, Slipway does not: that they exist is all that is looked at. */
const otherElement = z.looseObject({
  type: z.enum([
    'channels_select',
    'checkboxes',
    'conversations_select',
    'datepicker',
    'datetimepicker',
    'email_text_input',
    'external_select',
    'file_input',
    'image',
    'multi_channels_select',
    'multi_conversations_select',
    'multi_external_select',
    'multi_static_select',
    'multi_users_select',
    'number_input',
    'overflow',
    'rich_text_input',
    'static_select',
    'timepicker',
    'url_text_input',
    'users_select',
    'workflow_button',
  ]),
  action_id: actionId,
})
const element = z.discriminatedUnion('type', [button, radioButtons, textInput, otherElement])

const section = z
  .strictObject({
    type: z.literal('section'),
    block_id: blockId,
    text: anyText(limits.text).optional(),
    fields: list(anyText(limits.field), limits.fields).optional(),
    accessory: element.optional(),
    expand: z.boolean().optional(),
  })
  .refine(({ text, fields }) => text !== undefined || fields !== undefined, 'missing required field: text')
const header = z.strictObject({ type: z.literal('header'), block_id: blockId, text: plainText(limits.header) })
const context = z.strictObject({
  type: z.literal('context'),
  block_id: blockId,
  elements: list(
    z.discriminatedUnion('type', [anyText(limits.text), z.looseObject({ type: z.literal('image') })]),
    limits.contextElements,
  ),
})
const actions = z.strictObject({
  type: z.literal('actions'),
  block_id: blockId,
  elements: list(element, limits.actions),
})
const divider = z.strictObject({ type: z.literal('divider'), block_id: blockId })
const input = z.strictObject({
  type: z.literal('input'),
  block_id: blockId,
  label: plainText(limits.label),
  element,
  hint: plainText(limits.label).optional(),
  optional: z.boolean().optional(),
  dispatch_action: z.boolean().optional(),
})
/** As with the elements. */
const otherBlock = z.looseObject({
  type: z.enum([
    'alert',
    'call',
    'context_actions',
    'file',
    'image',
    'markdown',
    'plan',
    'rich_text',
    'table',
    'task_card',
    'video',
  ]),
  block_id: blockId,
})
const block = z.discriminatedUnion('type', [section, header, context, actions, divider, input, otherBlock])

/** Blocks of a message or a view: at most `most`, each as Slack documents it, no id twice. */
export const blocks = (most: number) =>
  z
    .array(block)
    .max(most, `no more than ${most} items allowed`)
    .superRefine((all, { addIssue }) => {
      for (const index of repeated(all.map((one) => one.block_id)))
        addIssue({
          code: 'custom',
          path: [index, 'block_id'],
          message: `block_id ${all[index]?.block_id} is not unique`,
        })
      all.forEach((one, index) => {
        if (one.type !== 'actions') return
        for (const place of repeated(one.elements.map(({ action_id }) => action_id)))
          addIssue({
            code: 'custom',
            path: [index, 'elements', place, 'action_id'],
            message: 'action_id is not unique',
          })
      })
    })

/** Where something stands that stood before. */
function repeated(ids: readonly (string | undefined)[]): readonly number[] {
  return ids.flatMap((id, index) => (id !== undefined && ids.indexOf(id) < index ? [index] : []))
}

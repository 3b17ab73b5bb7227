import { z } from 'zod'
import { blocks, plainText, string } from './block-kit.ts'
import { limits } from './limits.ts'

/** A modal (docs.slack.dev/reference/views/modal-views). */
export const modal = z
  .strictObject({
    type: z.literal('modal'),
    title: plainText(limits.title),
    blocks: blocks(limits.viewBlocks),
    close: plainText(limits.title).optional(),
    submit: plainText(limits.title).optional(),
    private_metadata: string(limits.privateMetadata).optional(),
    callback_id: string(limits.callbackId).optional(),
    clear_on_close: z.boolean().optional(),
    notify_on_close: z.boolean().optional(),
    external_id: string(limits.callbackId).optional(),
    submit_disabled: z.boolean().optional(),
  })
  .refine(
    ({ blocks: all, submit }) => submit !== undefined || all.every(({ type }) => type !== 'input'),
    'missing required field: submit',
  )

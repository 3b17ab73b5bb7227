import { z } from 'zod'
import { blocks, string } from './block-kit.ts'
import { limits } from './limits.ts'

/** App Home (docs.slack.dev/reference/views/home-tab-views). */
export const homeTab = z.strictObject({
  type: z.literal('home'),
  blocks: blocks(limits.viewBlocks),
  private_metadata: string(limits.privateMetadata).optional(),
  callback_id: string(limits.callbackId).optional(),
  external_id: string(limits.callbackId).optional(),
})

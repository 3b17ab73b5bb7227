import type { Check } from './check.ts'
import { botInChannel } from './team/bot-in-channel.ts'
import { confluence } from './team/confluence.ts'
import { freeze } from './team/freeze.ts'
import { onCall } from './team/on-call.ts'
import { signers } from './team/signers.ts'

/** Team and communication. */
export const team: readonly Check[] = [signers, botInChannel, onCall, confluence, freeze]

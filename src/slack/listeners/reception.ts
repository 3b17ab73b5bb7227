import { SlipwayError } from '../../errors.ts'
import type { Wish } from '../ask.ts'
import type { FrontDesk } from '../desk.ts'
import type { Look } from '../look.ts'

/** What listeners need: where wishes go, which channel counts, and the time. */
export interface Reception {
  readonly desk: FrontDesk
  readonly look: Look
  readonly service: string
  /** Slack user id of Slipway itself. */
  readonly self: string
  /** Id of the configured channel. */
  readonly channel: () => string
  readonly now: () => number
}

/** Refuses a wish that comes from another channel than the one where releases are run; returns what to tell, in mrkdwn. */
export function refusedElsewhere({ desk, channel }: Reception, wish: Wish): string {
  const { code, message, todo } = new SlipwayError('other-channel', { channel: `<#${channel()}>` })
  const text = `${message} ${todo}`
  desk.refused(wish, { text, refused: code })
  return text
}

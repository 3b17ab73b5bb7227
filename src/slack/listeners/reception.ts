import type { FrontDesk } from '../desk.ts'
import type { Look } from '../look.ts'

/** What listeners need: where wishes go, which channel counts, and the time. */
export interface Reception {
  readonly desk: FrontDesk
  readonly look: Look
  readonly service: string
  /** Id of the configured channel. */
  readonly channel: () => string
  readonly now: () => number
}

/** What somebody is told who asks elsewhere; mrkdwn. */
export function elsewhere(channel: string, how: string): string {
  return `Releases are run in <#${channel}>. Nothing was done; use \`${how}\` there.`
}

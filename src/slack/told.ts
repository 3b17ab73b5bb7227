/** What the thread says of an event: mrkdwn, and whether the whole channel should see it. */
export interface Told {
  readonly text: string
  readonly broadcast?: boolean
}

import type { FrontDesk } from '../desk.ts'

/** What listeners need: where wishes go, which channel counts, and the time. */
export interface Reception {
  readonly desk: FrontDesk
  readonly service: string
  /** Id of the configured channel; empty while it is not known yet. */
  readonly channel: () => string
  readonly now: () => number
}

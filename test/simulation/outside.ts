import type { Api } from './cluster/api.ts'
import type { RequestFlow } from './cluster/traffic.ts'
import type { Faults } from './faults.ts'
import type { PagerDuty } from './ports/pagerduty.ts'
import type { Slack } from './ports/slack.ts'
import type { Random } from './random.ts'
import type { Redis } from './redis/data.ts'
import type { Workshop } from './redis/workshop.ts'
import type { Scenario } from './scenario.ts'
import type { Service } from './service.ts'
import type { Timeline } from './timeline.ts'
import type { Trace } from './trace.ts'
import type { Witness } from './witness.ts'

/** Everything outside the processes of Slipway, shared by all of them. */
export interface Outside {
  readonly scenario: Scenario
  /** When the run began, ms since 1970. */
  readonly began: number
  readonly timeline: Timeline
  readonly random: Random
  readonly faults: Faults
  readonly trace: Trace
  readonly newId: () => string
  readonly redis: Redis
  readonly workshop: Workshop
  readonly api: Api
  readonly flow: RequestFlow
  readonly service: Service
  readonly slack: Slack
  readonly pagerduty: PagerDuty
  readonly witness: Witness
  /** Each line of the journal that was written, by any process. */
  readonly journal: readonly JournalLine[]
  /** Something that must not be: ends the run. */
  readonly fault: (what: string, rule?: string) => void
}

/** What a journal line says of its place. */
export interface JournalLine {
  readonly rollout: number
  readonly version: number
}

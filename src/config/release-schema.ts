import { z } from 'zod'
import type { RolloutSpec } from '../rollout/plan.ts'
import { count, duration, durationOrNone, name, numberBetween, signOffs, weight, words } from './fields.ts'
import { metric, metricOverride } from './metric-schema.ts'

/** The keys of one phase, in the notation of the file. */
export const phaseFields = {
  name: words.describe('Name for people.'),
  proves: words.describe('What the phase proves, for people.'),
  weight: weight.describe("The canary's share of the traffic, 1% to 100%, rising; the last phase has 100%."),
  soak: duration.describe('Observed time that must pass.'),
  roles: z
    .array(signOffs)
    .min(1, { error: 'expected at least one role: no step without a sign-off' })
    .transform((list) => list.flatMap(({ role, count }) => Array.from({ length: count }, () => role)))
    .describe('Roles that must sign off: sre, or 2 sre where two people must. Everybody signs once.'),
  requesterMaySign: z.boolean().prefault(true).describe('May the person who asked for the phase sign off too?'),
  fullSize: z
    .boolean()
    .prefault(false)
    .describe("Brings the canary to stable's full size. The last phase always does."),
  metrics: z
    .record(z.string(), metricOverride.describe('One metric, by its name.'))
    .exactOptional()
    .describe('What is asked of some metrics in another way in this phase.'),
  signOffExpires: duration
    .exactOptional()
    .describe(
      'How long a request for this phase stands, and, once it has started, how long it may take to its weight; without it release.signOffExpires. More than release.readyWithin.',
    ),
  checkpoints: z
    .array(
      z.strictObject({
        text: words.describe('What to look at.'),
        role: name.describe('The role that looks and ticks it off.'),
      }),
    )
    .exactOptional()
    .describe('What people look at, from the phase before on, until this phase may start.'),
}

const phase = z.strictObject(phaseFields)

const phases = z
  .array(phase)
  .min(1, { error: 'expected at least one phase' })
  .transform((list) => list.map((fields, index) => ({ number: index + 1, ...fields })))

/** The keys of `release`, in the notation of the file. */
export const releaseFields = {
  interval: duration.prefault('10s').describe('Time between two readings.'),
  staleAfter: duration.prefault('1m').describe('A sample older than this is stale; no longer than any soak.'),
  queryErrors: count
    .prefault(3)
    .describe('How many looks in a row a query may fail before that is told; at least 3 count.'),
  headroom: numberBetween(1, 10)
    .prefault(1.5)
    .describe("The canary's size is stable's size times its weight times this, at least one pod."),
  readyWithin: duration.prefault('10m').describe('How long a canary may take to become ready.'),
  signOffExpires: duration
    .prefault('30m')
    .describe(
      'How long a request for sign-offs stands, and, once its phase has started, how long that may take to its weight; more than release.readyWithin.',
    ),
  signOffOpens: durationOrNone
    .prefault('10m')
    .describe('The next phase can be asked for this long before a soak is full; 0s: when it has passed.'),
  decides: name.describe('The role that may accept a soak whose targets did not hold.'),
  rollbackWindow: duration
    .prefault('30m')
    .describe('How long a released version is still watched and can be rolled back; at least release.interval.'),
  pageAfter: duration.prefault('15m').describe('Waiting for a person, or having no data, pages after this.'),
  maxHold: duration.prefault('1h').describe('Waiting for a person rolls back after this.'),
  resolveAfter: duration
    .prefault('5m')
    .describe('Stable must be within limits this long before an incident is resolved.'),
  requestsQuery: words
    .exactOptional()
    .describe(
      'PromQL that counts the requests of $track in $window; exactly one series. Without it they can not be counted.',
    ),
  drained: z
    .strictObject({
      query: words.describe('PromQL of what $track still works at (queued, under way); exactly one series.'),
      atMost: numberBetween(0, 1_000_000).prefault(0).describe('Its pods may go when that is at most so much.'),
    })
    .exactOptional()
    .describe('What must have left a track, besides requests, before its pods are scaled down.'),
  convergesWithin: duration
    .prefault('3m')
    .describe('Requests must follow a changed weight within this, by requestsQuery; otherwise it is told.'),
  convergencePause: duration.prefault('5m').describe('Stands in for that where requests can not be counted.'),
  phases: phases.describe('The steps of a release, in order.'),
  metrics: z.array(metric).min(1, { error: 'expected at least one metric' }).describe('What is watched.'),
}

/** What a rollout freezes when it starts. */
export const release: z.ZodType<Omit<RolloutSpec, 'version' | 'image'>> = z.strictObject(releaseFields)

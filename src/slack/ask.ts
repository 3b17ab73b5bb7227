import { z } from 'zod'
import { origin } from '../ledger/record-entry.ts'
import { categories } from '../readiness/category.ts'

const version = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'a version is a tag such as 5.1.0')
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'a digest is sha256: and 64 hexadecimal digits')
const rollout = z.int({ error: 'a rollout is a number such as 12' }).min(1, 'a rollout is a number such as 12')
/** The longest reason, in characters. */
export const longestReason = 500
const reason = z.string().max(longestReason)
/** When the form was opened in which the reason was written, in ms since 1970. */
const seen = z.number().exactOptional()

/** What a person asks for in Slack, from a command, a button or a mention alike. */
export const ask = z.discriminatedUnion('kind', [
  /**
   * `categories`: these alone; such a report allows no start. `seen`: what the report that its sender has seen comes to, when it is asked for again and
   * again; the asking is on record only where this one comes to something else.
   */
  z.object({
    kind: z.literal('readiness'),
    version,
    digest: digest.exactOptional(),
    categories: z
      .array(z.enum(categories, { error: `a category is one of ${categories.join(', ')}` }))
      .min(1)
      .exactOptional(),
    seen: z.string().max(64).exactOptional(),
  }),
  /**
   * `all`: one request for every phase that is left. `dryRun`: shows the plan to this person, and changes nothing. The reason accepts warnings of the report, and
   * with `override` starts it although it is frozen or locked. */
  z.object({
    kind: z.literal('advance'),
    version: version.exactOptional(),
    digest: digest.exactOptional(),
    reason: reason.exactOptional(),
    all: z.literal(true).exactOptional(),
    override: z.literal(true).exactOptional(),
    dryRun: z.literal(true).exactOptional(),
  }),
  /** A report's button: starts this version, and never moves a rollout that is under way. */
  z.object({ kind: z.literal('start'), version, digest: digest.exactOptional() }),
  /** `again`: confirmed once more, past the point of no return. */
  z.object({
    kind: z.literal('rollback'),
    reason,
    forced: z.boolean(),
    confirmed: z.boolean(),
    again: z.literal(true).exactOptional(),
  }),
  z.object({ kind: z.literal('status') }),
  /** What waits for this person. */
  z.object({ kind: z.literal('mine') }),
  /** The last rollouts, or who did what in one of them. */
  z.object({ kind: z.literal('history'), rollout: rollout.exactOptional() }),
  z.object({ kind: z.literal('help') }),
  /** Something that is not understood; the words say what is wrong and what would work, `said` what was typed. */
  z.object({ kind: z.literal('unclear'), mistake: z.string(), said: reason.exactOptional() }),
  z.object({ kind: z.literal('pause'), reason }),
  z.object({ kind: z.literal('resume') }),
  z.object({ kind: z.literal('retry') }),
  z.object({ kind: z.literal('extend-soak') }),
  z.object({ kind: z.literal('accept-targets'), reason: reason.min(1), seen }),
  z.object({ kind: z.literal('finish') }),
  z.object({ kind: z.literal('skip-soak'), reason: reason.min(1, 'a reason is needed: it goes on record') }),
  z.object({ kind: z.literal('approve-skip') }),
  z.object({ kind: z.literal('reject-skip') }),
  z.object({ kind: z.literal('abort'), reason }),
  z.object({ kind: z.literal('lock'), reason: reason.min(1, 'a reason is needed: it goes on record') }),
  z.object({ kind: z.literal('unlock') }),
  /** `to`: Slack user id. */
  z.object({
    kind: z.literal('handover'),
    to: z.string().regex(/^[UW][A-Z0-9]{2,20}$/, 'somebody is named as @someone'),
  }),
  z.object({
    kind: z.literal('override'),
    reason: reason.min(1, 'a reason is needed: it goes on record'),
    seen,
  }),
  z.object({ kind: z.literal('take-over') }),
  /** `role`: the one that was chosen, where several fit. */
  z.object({ kind: z.literal('approve'), role: z.string().max(63).exactOptional() }),
  z.object({ kind: z.literal('reject'), reason: reason.min(1, 'a reason is needed: it goes on record') }),
  z.object({ kind: z.literal('withdraw') }),
  z.object({ kind: z.literal('cancel') }),
  z.object({ kind: z.literal('nudge') }),
  /** A checkpoint of the next phase, by its place. */
  z.object({ kind: z.literal('tick-checkpoint'), checkpoint: z.int().min(1).max(99) }),
])
export type Ask = z.infer<typeof ask>

/** An ask with who, when and where from: what a listener hands to the queue. */
export const wish = z.object({
  /** Of the delivery: the same click delivered twice is one wish. */
  id: z.string(),
  at: z.number(),
  user: z.object({ id: z.string(), name: z.string() }),
  /** Where it came from; a wish of an older Slipway does not say. */
  from: origin.exactOptional(),
  /** Thread in which to answer. */
  thread: z.string().exactOptional(),
  /** The event that offered the button. */
  target: z.object({ rollout: z.number(), version: z.number() }).exactOptional(),
  /** When the message was shown whose button names no rollout (it was posted without Redis), by Slack's clock. */
  shownAt: z.number().exactOptional(),
  /** Id of the wish that was answered with the question to which this is the yes. */
  question: z.string().exactOptional(),
  ask,
})
export type Wish = z.infer<typeof wish>

/** Id of the job of this name for a wish: a queue takes no colon in it. */
export function jobIdOf(name: string, { id }: Wish): string {
  return `${name}-${id.replaceAll(':', '-')}`
}

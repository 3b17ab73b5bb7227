import { z } from 'zod'
import { actor } from '../rollout/events.ts'

/** Version of the schema of the service's record that this code writes. */
export const recordSchemaVersion = 1

/** Where a command came from. */
export const origin = z.object({
  via: z.enum(['command', 'button', 'form', 'mention', 'terminal']),
  /** Slack's ids; a terminal has none. */
  channel: z.string().exactOptional(),
  thread: z.string().exactOptional(),
})

const hash = z.string().regex(/^[0-9a-f]{64}$/)
/** The last event of a rollout's ledger at some moment, with its hash. */
const rolloutHead = z.object({ rollout: z.number(), version: z.number(), hash })

const bodies = [
  /** Somebody asked for something; what became of it. */
  z.object({
    type: z.literal('asked'),
    by: actor,
    from: origin.exactOptional(),
    /** What was asked for: its kind, and its version or reason where it has one. */
    ask: z.looseObject({ kind: z.string() }),
    /** The event whose button was pressed. */
    target: z.object({ rollout: z.number(), version: z.number() }).exactOptional(),
    outcome: z.enum(['done', 'refused']),
    /** Code of the refusal. */
    code: z.string().exactOptional(),
    /** What the sender was told. */
    answer: z.string(),
    /** The last event that it led to: the rollout's ledger as it stood then hangs on this record. */
    led: rolloutHead.exactOptional(),
  }),
  /** A rollout's ledger was removed: it was older than it is kept. */
  z.object({ type: z.literal('rollout-removed'), ended: rolloutHead }),
  /** This record's entries up to a place were removed: they were older than they are kept. */
  z.object({
    type: z.literal('entries-removed'),
    ended: z.object({ seq: z.number(), hash }),
    /** The highest rollout whose removal was on record no later than there: rollouts go oldest first, so all up to it are removed. Older versions did not tell. */
    rolloutsTo: z.number().exactOptional(),
  }),
] as const
const body = z.discriminatedUnion('type', bodies)

const head = z.object({
  /** Of the command, or of what the entry is about: one entry each. */
  id: z.string(),
  /** ms since 1970. */
  at: z.number(),
})
const place = z.object({
  v: z.literal(recordSchemaVersion),
  service: z.string(),
  /** 1-based place in the record, counted from its very first entry. */
  seq: z.number(),
  prev: z.string(),
  hash,
})

const entryToAppend = z.intersection(head, body)
const entry = z.intersection(place, entryToAppend)

/** What goes on record. */
export type EntryToAppend = z.infer<typeof entryToAppend>
/** What is on record. */
export type RecordEntry = z.infer<typeof entry>

/** Reads an entry; throws ZodError. */
export function parseEntry(value: unknown): RecordEntry {
  return entry.parse(value)
}

import { z } from 'zod'
import { SlipwayError } from '../errors.ts'
import type { Mark } from '../jobs/ports.ts'

const track = z.enum(['blue', 'green'])
const perTrack = <T extends z.ZodType>(value: T) => z.strictObject({ blue: value, green: value }).readonly()

/** A destination of a route as the configuration names it. */
const destination = z.object({ host: z.string().min(1), subset: z.string().min(1).exactOptional() }).readonly()

/** Members that a newer Slipway added are left alone; a missing or changed one makes the mark unreadable. */
const schema = z
  .object({
    service: z.string().min(1),
    rollout: z.int().nonnegative(),
    version: z.int().nonnegative(),
    hash: z.string().min(1).exactOptional(),
    stable: track,
    canary: track,
    closed: z.boolean(),
    by: z.string(),
    at: z.iso.datetime(),
    /** The canary's share that was ordered, in percent: with a small sum the weights alone don't tell. */
    weight: z.number().min(0).max(100),
    /** The route's name; null for the only route of an object that doesn't name it. */
    route: z.string().nullable(),
    destinations: perTrack(destination),
    deployments: perTrack(z.string().min(1)),
    /** What the two managed weights add up to. */
    sum: z.int().nonnegative(),
    pointOfNoReturn: z.object({ phase: z.int(), weight: z.number(), what: z.string() }).readonly().exactOptional(),
  })
  .readonly()

/** The mark as it is written: what the rest of Slipway knows of it, and what break-glass needs without a configuration. */
export type StoredMark = Mark & z.infer<typeof schema>

/** The text that was read last, and what it says: a mark is looked at many times before it changes. */
let latest: { readonly text: string; readonly mark: StoredMark } | null = null

/** Reads a mark. Absent is null; one that can't be read throws `cluster-unreadable`: it could be a newer fence, so it is never "none". */
export function parseMark(what: string, text: string | undefined): StoredMark | null {
  if (text === undefined) return null
  if (latest?.text === text) return latest.mark
  try {
    const mark = schema.parse(JSON.parse(text))
    latest = { text, mark }
    return mark
  } catch (cause) {
    throw new SlipwayError('cluster-unreadable', { what: `The mark on ${what}` }, { cause })
  }
}

/**
 * The mark as text. What is not plain ASCII, and `<`, `>`, `&`, are written as `\u…`: the API server escapes them in its own
 * way and compares a patch's `test` byte by byte, so that a mark holding them could never be tested.
 */
export function markText(mark: StoredMark): string {
  const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(mark).replace(/[<>&]|[^ -~]/g, escaped)
}

/** Can a patch test this text byte by byte? See `markText`. */
export function isTestable(text: string): boolean {
  return !/[<>&]|[^ -~]/.test(text)
}

/** The part of a mark that the rest of Slipway knows. */
export function publicMark({ service, rollout, version, hash, stable, canary, closed, by, at }: StoredMark): Mark {
  return { service, rollout, version, ...(hash !== undefined && { hash }), stable, canary, closed, by, at }
}

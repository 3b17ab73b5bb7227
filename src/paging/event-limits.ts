import { createHash } from 'node:crypto'
import { clip } from '../clip.ts'

/** The Events API's limits in characters; the one of a detail is ours, so that an event stays far below 512 kB. */
const limits = { summary: 1_024, detail: 4_096 } as const
const longestKey = 255

/** Cuts a text that PagerDuty would refuse for its length. */
export function shortened(text: string, kind: keyof typeof limits): string {
  return clip(text, limits[kind])
}

/** A key that PagerDuty takes: one that is too long keeps its beginning and gets a hash of all of it. */
export function dedupKey(key: string): string {
  if (key.length <= longestKey) return key
  const hash = createHash('sha256').update(key).digest('hex')
  return `${key.slice(0, longestKey - hash.length - 1).toWellFormed()}-${hash}`
}

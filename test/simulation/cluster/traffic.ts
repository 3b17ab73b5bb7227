import type { Track } from '../../../src/rollout/plan.ts'
import type { Timeline } from '../timeline.ts'

/** Requests per second that come to the service. */
const rate = 1_000

/** Where requests really go: proxies learn of new weights a while after they were written. */
export interface RequestFlow {
  /** New weights were written; they are in force after `delay` ms. */
  route(greenShare: number, delay: number): void
  /** The share of a track at this moment, 0..1. */
  share(track: Track): number
  /** Requests that a track got within the last `window` ms. */
  count(track: Track, window: number): number
}

export function createRequestFlow(timeline: Timeline, greenShare: number): RequestFlow {
  /** In force from `at` on; oldest first. */
  const course = [{ at: 0, share: greenShare }]

  const of = (track: Track, share: number) => (track === 'green' ? share : 1 - share)
  return {
    route(share, delay) {
      const at = timeline.now + delay
      // What was written later replaces what has not come into force yet.
      while ((course.at(-1)?.at ?? 0) > at) course.pop()
      course.push({ at, share })
    },
    share: (track) => of(track, course.findLast((c) => c.at <= timeline.now)?.share ?? greenShare),
    count(track, window) {
      let until = timeline.now
      const since = timeline.now - window
      let sum = 0
      for (let i = course.length - 1; i >= 0 && until > since; i--) {
        const part = course[i]
        if (part === undefined || part.at >= until) continue
        sum += ((until - Math.max(part.at, since)) / 1_000) * rate * of(track, part.share)
        until = part.at
      }
      return sum
    },
  }
}

/**
 * A master that has lost a replica, or has just come with none, may be one that is being demoted: the sentinels name the other
 * one only when they have seen it promoted. For so long (ms) it counts nothing.
 */
const doubtful = 5_000

/** What is known of the master that a connection leads to. */
export interface Trust {
  /** Its run id: another one after every start. */
  readonly id: string
  /** Replicas that follow it, and how many did when it was sure. */
  readonly replicas: number
  readonly expected: number
  /** From when on (ms) the sentinels' word is enough. */
  readonly from: number
  readonly sure: boolean
}

/** What a look at the master changes; `now` is monotonic (ms). */
export function trustAfter(before: Trust | null, id: string, replicas: number, now: number): Trust {
  if (before?.id !== id)
    return { id, replicas, expected: replicas, from: replicas > 0 ? now : now + doubtful, sure: false }
  // All of them follow it (again): none has been made master.
  if (replicas > 0 && replicas >= before.expected)
    return { ...before, replicas, expected: replicas, from: Math.min(before.from, now) }
  if (replicas < before.replicas) return { ...before, replicas, from: now + doubtful, sure: false }
  return { ...before, replicas }
}

/** The sentinels name this master: what follows it now is all that is to be expected. */
export function confirmed(trust: Trust): Trust {
  return { ...trust, expected: trust.replicas, sure: true }
}

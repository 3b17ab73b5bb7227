import { askedPause } from '../jobs/failure.ts'
import type { Clock } from '../jobs/ports.ts'

/** Asks once for all who want to know at the same time, and remembers the answer for `lasts` ms from when it was asked for. */
export interface Remembered<T> {
  get(key: string): Promise<T>
}

/** A failure is not remembered, but where whoever is asked wants to be left alone for a while. */
export function remember<T>(clock: Clock, lasts: number, ask: (key: string) => Promise<T>): Remembered<T> {
  const kept = new Map<string, { readonly answer: Promise<T>; until: number }>()

  function askNow(key: string): Promise<T> {
    const entry = { answer: ask(key), until: clock.now() + lasts }
    kept.set(key, entry)
    entry.answer.catch((error: unknown) => {
      entry.until = clock.now() + askedPause(error)
    })
    return entry.answer
  }

  return {
    get(key) {
      const now = clock.now()
      for (const [old, { until }] of kept) if (until <= now) kept.delete(old)
      return kept.get(key)?.answer ?? askNow(key)
    },
  }
}

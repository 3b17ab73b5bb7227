/** Runs so much of what it is given at a time, in order: a time limit then counts only what is really under way. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>

export function fewAtOnce(most: number): Gate {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running < most) running += 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      // Whoever waits takes this place over.
      if (next === undefined) running -= 1
      else next()
    }
  }
}

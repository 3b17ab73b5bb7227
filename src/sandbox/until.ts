import { setTimeout as wait } from 'node:timers/promises'

/** Asks again and again until the answer is not undefined; undefined when it stays so for `limit` ms. */
export async function until<T>(
  ask: () => Promise<T | undefined> | T | undefined,
  limit: number,
  every = 25,
): Promise<T | undefined> {
  const end = performance.now() + limit
  for (;;) {
    const answer = await ask()
    if (answer !== undefined || performance.now() > end) return answer
    await wait(every)
  }
}

/** For `until`: true when the address answers with a 2xx status, undefined when it does not (yet). */
export async function answers(url: string): Promise<true | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
    await response.body?.cancel()
    return response.ok || undefined
  } catch {
    return undefined
  }
}

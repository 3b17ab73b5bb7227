import { askedPause } from '../jobs/failure.ts'

/** How often a call is made again at most. */
const again = 2
/** How long all pauses may take together, in ms: somebody sits before the terminal. */
const longest = 10 * 60_000

/** Makes a call; throws what it throws. */
export type Ask = <T>(call: () => Promise<T>) => Promise<T>

/**
 * Makes calls to a system that may ask for a pause: the pause is kept, then the call is made again, twice at most, and as long as all
 * pauses together take ten minutes at most. `pause` resolves after so many ms.
 */
export function patient(pause: (ms: number) => Promise<void>): Ask {
  let left = longest
  return async (call) => {
    for (let tries = 0; ; tries++) {
      try {
        return await call()
      } catch (error) {
        const asked = askedPause(error)
        if (asked === 0 || asked > left || tries === again) throw error
        left -= asked
        await pause(asked)
      }
    }
  }
}

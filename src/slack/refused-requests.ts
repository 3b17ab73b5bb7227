import type { Log } from '../jobs/world.ts'

/** How the library begins what it tells of a request whose signature does not hold. */
const begin = 'Failed to parse and verify the request data'

/**
 * Tells of requests that Slack has not signed: of one alone until a signed one has come, as anybody may send them, at any rate. With a
 * wrong secret every click is one of them, and nobody else would say so.
 */
export function createRefusedRequests(log: Log) {
  let isTold = false
  return {
    /** Takes a warning of the library, of this or of anything else. */
    told(warning: string): void {
      if (!warning.startsWith(begin) || isTold) return
      isTold = true
      log.warn(
        { told: warning },
        "a request to SLIPWAY_SLACK_PORT was refused: its signature does not hold, or its time is off. Where clicks do not arrive, compare SLACK_SIGNING_SECRET with the app's Basic Information, and the machine's clock",
      )
    },
    /** A signed request has come. */
    over(): void {
      isTold = false
    },
  }
}

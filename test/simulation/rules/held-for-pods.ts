import { Broken } from './broken.ts'
import type { Rule } from './scene.ts'

/** A process that stands still between its look and its word speaks of what was so much earlier, in ms. */
const stale = 30_000

/** Rule 5 holds pods that may be at work; nobody is asked about pods that are gone, unless somebody gives them traffic. */
export const heldForPods: Rule = ({ outside: { api, timeline } }) => {
  const given = { blue: Number.NEGATIVE_INFINITY, green: Number.NEGATIVE_INFINITY }
  const gone = { blue: Number.NEGATIVE_INFINITY, green: Number.NEGATIVE_INFINITY }
  return {
    sized(_manager, track, before, after) {
      if (before.replicas > 0 && after.replicas === 0) gone[track] = timeline.now
    },
    routeWritten(_manager, before) {
      for (const track of ['blue', 'green'] as const) if (before.weights[track] > 0) given[track] = timeline.now
    },
    appended(_rollout, events) {
      for (const event of events) {
        if (event.type !== 'clean-up-held') continue
        const { track } = event
        const hasTraffic = api.route.weights[track] > 0 || timeline.now < given[track] + stale
        const hasPods = api.deployment(track).replicas > 0 || timeline.now < gone[track] + stale
        if (!hasPods && !hasTraffic)
          throw new Broken('held-for-pods', `a person is asked about ${track}, which has no pods`)
      }
    },
  }
}

import { Broken } from './broken.ts'
import type { Rule } from './scene.ts'

/** Rule 5 holds pods that may be at work; nobody is asked about pods that are gone, unless somebody gives them traffic. */
export const heldForPods: Rule = ({ outside: { api } }) => ({
  appended(_rollout, events) {
    for (const event of events) {
      if (event.type !== 'clean-up-held') continue
      const { replicas } = api.deployment(event.track)
      if (replicas === 0 && api.route.weights[event.track] === 0)
        throw new Broken('held-for-pods', `a person is asked about ${event.track}, which has no pods`)
    }
  },
})

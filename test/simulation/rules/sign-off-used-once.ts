import { Broken } from './broken.ts'
import type { Rule } from './scene.ts'

/** Rule 2: a request that was signed starts each of its phases once. */
export const signOffUsedOnce: Rule = () => {
  const used = new Set<string>()
  return {
    rewound: () => used.clear(),
    appended(rollout, events) {
      for (const event of events) {
        if (event.type !== 'phase-started') continue
        const key = `${rollout}/${event.request} for phase ${event.phase}`
        if (used.has(key)) throw new Broken('sign-off-used-once', `the sign-offs of request ${key} started it again`)
        used.add(key)
      }
    },
  }
}

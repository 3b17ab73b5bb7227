import { Broken } from './broken.ts'
import type { Rule } from './scene.ts'

/** Rule 2: a request that was signed starts one phase, once. */
export const signOffUsedOnce: Rule = () => {
  const used = new Set<string>()
  return {
    rewound: () => used.clear(),
    appended(rollout, events) {
      for (const event of events) {
        if (event.type !== 'phase-started') continue
        const key = `${rollout}/${event.request}`
        if (used.has(key))
          throw new Broken('sign-off-used-once', `the sign-offs of request ${key} started a phase again`)
        used.add(key)
      }
    },
  }
}

import { block, defineCheck, pass } from '../check.ts'
import { stableOf } from '../tracks.ts'

/** Every pod of what runs now is ready. */
export const stableReady = defineCheck({
  category: 'application',
  name: 'stable-ready',
  title: 'Stable is fully ready',
  settings: {},
  looksAt: () => "the pods of stable's Deployment",
  expects: () => 'every pod that is wanted is ready',
  async run(subject) {
    const { deployment, ready, replicas, problem } = await stableOf(subject)
    const found = `${ready} of ${replicas} pods of ${deployment} are ready`
    if (replicas === 0) return block(`${deployment} is scaled to 0`, 'Scale it up: it is what a rollback goes back to.')
    if (problem !== undefined)
      return block(`${found}; ${problem.pod}: ${problem.reason}: ${problem.message}`, 'Mend the pod.')
    return ready === replicas ? pass(found) : block(found, 'Wait until they are, or mend them.')
  },
})

import { duration } from '../../config/fields.ts'
import { durationText } from '../../slack/format.ts'
import { block, defineCheck, few, pass } from '../check.ts'
import { stablePods } from '../stable-pods.ts'

/** What has been ready for a moment only is not known to be steady. */
export const stableSteady = defineCheck({
  category: 'application',
  name: 'stable-steady',
  title: 'Stable has been ready for a while',
  severity: 'warn',
  settings: { readyFor: duration.prefault('1m').describe('How long every pod of stable must have been ready.') },
  looksAt: () => "since when stable's pods are ready",
  expects: (_, { readyFor }) => `each for at least ${durationText(readyFor)}`,
  async run(subject, { readyFor }) {
    const now = subject.world.clock.now()
    const pods = await stablePods(subject)
    const ages = pods.map((pod) => {
      const ready = pod.status?.conditions?.find((c) => c.type === 'Ready' && c.status === 'True')
      const since = ready?.lastTransitionTime === undefined ? now : new Date(ready.lastTransitionTime).getTime()
      return { name: pod.metadata?.name ?? '', age: Math.max(0, now - since) }
    })
    const young = ages.filter(({ age }) => age < readyFor).map(({ name, age }) => `${name} for ${durationText(age)}`)
    if (pods.length === 0) return block('stable has no pods', 'Scale it up.')
    if (young.length > 0) return block(`ready only lately: ${few(young, 3)}`, 'Wait, and see why they were not.', young)
    const all = pods.length === 1 ? '1 pod' : `all ${pods.length} pods`
    return pass(`${all}, for at least ${durationText(Math.min(...ages.map(({ age }) => age)))}`)
  },
})

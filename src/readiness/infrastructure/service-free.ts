import { holdsService, isOver } from '../../rollout/state.ts'
import { block, defineCheck, pass } from '../check.ts'

/** One rollout of a service at a time. */
export const serviceFree = defineCheck({
  category: 'infrastructure',
  name: 'service-free',
  title: 'No other rollout holds the service',
  settings: {},
  startOnly: true,
  looksAt: () => "the service's newest rollout in Redis",
  expects: () => 'none, or one that is over and cleaned up',
  async run({ world }) {
    const current = await world.rollouts.current()
    if (current === null) return pass('there is none')
    const { version } = current.spec
    if (!holdsService(current)) return pass(`the last one, ${version}, is over (${current.stage})`)
    if (isOver(current))
      return block(
        `${version} is ${current.stage}, and its unused pods are not cleaned up yet`,
        'Wait a moment; where its thread asks about the pods, look, then press its button or use `/deploy finish`.',
      )
    return block(
      `${version} is ${current.stage}`,
      'Finish it or roll it back first; its thread says what it waits for.',
    )
  },
})

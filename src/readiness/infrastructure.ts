import { block, type Check, pass } from './check.ts'

/** The cluster answers, and holds what the configuration names. */
export const infrastructure: readonly Check[] = [
  {
    category: 'infrastructure',
    name: 'Kubernetes answers; both Deployments and the VirtualService exist',
    async run({ view }) {
      const { tracks } = await view()
      return pass(`${tracks.blue.deployment} and ${tracks.green.deployment} behind one route`)
    },
  },
  {
    category: 'infrastructure',
    name: 'No other rollout holds the service',
    async run({ world }) {
      const current = await world.rollouts.current()
      const active = current !== null && current.stage !== 'complete' && current.stage !== 'rolled-back'
      if (!active) return pass('none')
      return block(`${current.spec.version} is being rolled out (${current.stage}): finish it or roll it back first`)
    },
  },
]

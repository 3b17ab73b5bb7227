import type { ClusterView } from '../jobs/ports.ts'
import { block, type Check, pass } from './check.ts'

/** The track that has the traffic. */
export function stableOf(view: ClusterView) {
  const { blue, green } = view.route.weights
  return view.tracks[blue >= green ? 'blue' : 'green']
}

/** Stable is healthy, and the version is not what already runs. */
export const application: readonly Check[] = [
  {
    category: 'application',
    name: 'Stable is fully ready',
    async run({ view }) {
      const stable = stableOf(await view())
      const found = `${stable.ready} of ${stable.replicas} pods of ${stable.deployment} are ready`
      if (stable.replicas === 0)
        return block(`${stable.deployment} is scaled to 0, expected at least one pod: scale it up`)
      if (stable.problem !== undefined)
        return block(`pod ${stable.problem.pod}: ${stable.problem.reason}: ${stable.problem.message}`)
      return stable.ready === stable.replicas ? pass(found) : block(`${found}, expected all: wait, or mend the pods`)
    },
  },
  {
    category: 'application',
    name: 'The version is a new one',
    async run({ world, version, view }) {
      const image = world.config.image.replaceAll('{version}', version)
      const stable = stableOf(await view())
      return stable.image === image
        ? block(`${image} already runs on ${stable.deployment}: nothing to release`)
        : pass(image)
    },
  },
]

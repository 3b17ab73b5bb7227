import type { GitChange } from '../jobs/ports.ts'
import type { Deployment } from './deployment.ts'
import type { ManagedRoute } from './find-route.ts'
import { pointer } from './json-pointer.ts'
import { weightPath } from './route-patch.ts'

const tracks = ['blue', 'green'] as const

/** Image and size of the Deployments and the pair's weights, as they stand. */
export function gitChanges(deployments: readonly Deployment[], route: ManagedRoute): readonly GitChange[] {
  const image = ({ containerIndex }: Deployment) =>
    pointer('spec', 'template', 'spec', 'containers', containerIndex, 'image')
  return [
    ...deployments.flatMap((deployment) => [
      { object: deployment.what, path: image(deployment), value: deployment.image },
      { object: deployment.what, path: pointer('spec', 'replicas'), value: String(deployment.replicas) },
    ]),
    ...tracks.map((track) => ({
      object: route.what,
      path: weightPath(route, track),
      value: String(route.pair[track].weight),
    })),
  ]
}

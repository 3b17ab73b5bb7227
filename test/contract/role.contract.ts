import { expect, it } from 'vitest'
import { createApi } from './api.ts'
import type { ControlPlane } from './control-plane.ts'
import { useScene } from './use-scene.ts'

/** The Role that is shipped with Slipway, on a control plane where the adapter has no more than that. */
export function roleContract(plane: () => ControlPlane): void {
  const scene = useScene(plane)

  it('allows nothing beyond what the adapter does', async () => {
    const { namespace, route, blue } = scene()
    const slipway = await createApi(plane().adapter)
    const routes = route.slice(0, route.lastIndexOf('/'))
    const deployments = blue.slice(0, blue.lastIndexOf('/'))
    const refused: [Parameters<typeof slipway.call>[0], string][] = [
      ['DELETE', route],
      ['PUT', route],
      ['GET', routes],
      ['POST', routes],
      ['DELETE', blue],
      ['GET', deployments],
      ['POST', deployments],
      ['GET', `${deployments}/another`],
      ['PATCH', `${deployments}/another`],
      ['GET', `/api/v1/namespaces/${namespace}/pods/any`],
      ['DELETE', `/api/v1/namespaces/${namespace}/pods/any`],
      ['GET', `/api/v1/namespaces/${namespace}/secrets`],
      ['GET', '/api/v1/namespaces/default/pods'],
      ['GET', '/api/v1/namespaces'],
      ['GET', '/api/v1/nodes'],
      ['GET', `/api/v1/namespaces/${namespace}/resourcequotas/any`],
      ['GET', `/api/v1/namespaces/${namespace}/configmaps/any`],
    ]
    for (const [method, path] of refused) {
      const { status } = await slipway.call(method, path, method === 'GET' ? undefined : {})
      expect([method, path, status]).toEqual([method, path, 403])
    }
  })
}

import { KubeConfig } from '@kubernetes/client-node'
import type { World } from '../../src/sandbox/world.ts'
import { createApi, jsonPatch, mergePatch } from '../contract/api.ts'

type Track = 'blue' | 'green'

/** Somebody with kubectl and an opinion. */
export async function kubectl(world: World) {
  const kubeConfig = new KubeConfig()
  kubeConfig.loadFromFile(world.kubernetes.kubeconfig)
  const api = await createApi(kubeConfig)
  const { namespace, traffic, tracks } = world.config.cluster
  const route = `/apis/networking.istio.io/v1/namespaces/${namespace}/virtualservices/${traffic.name}`
  const deployment = (track: Track) => `/apis/apps/v1/namespaces/${namespace}/deployments/${tracks[track].deployment}`
  return {
    api,
    async setWeights(blue: number, green: number) {
      const patch = [blue, green].map((value, i) => ({ op: 'replace', path: `/spec/http/0/route/${i}/weight`, value }))
      await api.must('PATCH', `${route}?fieldManager=kubectl-edit`, patch, jsonPatch)
    },
    async scale(track: Track, replicas: number) {
      await api.must('PATCH', `${deployment(track)}?fieldManager=kubectl-scale`, { spec: { replicas } }, mergePatch)
    },
    async setImage(track: Track, image: string) {
      const patch = [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: image }]
      await api.must('PATCH', `${deployment(track)}?fieldManager=kubectl-set`, patch, jsonPatch)
    },
    size: async (track: Track) => (await api.must('GET', deployment(track))).spec,
    status: async (track: Track) => (await api.must('GET', deployment(track))).status,
    weights: async () => JSON.stringify((await api.must('GET', route)).spec).match(/"weight":\d+/g),
    /** The route and both Deployments, whole. */
    objects: () => Promise.all([route, deployment('blue'), deployment('green')].map((path) => api.must('GET', path))),
  }
}

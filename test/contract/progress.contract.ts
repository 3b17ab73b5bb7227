import { expect, it } from 'vitest'
import { member } from '../../src/sandbox/cluster/json.ts'
import { jsonPatch } from './api.ts'
import type { ControlPlane } from './control-plane.ts'
import { until } from './until.ts'
import { useScene } from './use-scene.ts'

const image = '/spec/template/spec/containers/0/image'

/** What a Deployment says about its own progress. */
export function progressContract(plane: () => ControlPlane): void {
  const scene = useScene(plane)
  const conditionsOf = async (path: string): Promise<string[]> => {
    const { conditions } = member(await scene().api.must('GET', path), 'status')
    return JSON.parse(JSON.stringify(conditions ?? []))
      .map(({ type, status, reason }: Record<string, string>) => `${type} ${status} ${reason}`)
      .sort()
  }
  const says = (path: string, ...wanted: string[]) =>
    until(wanted.join(', '), async () => {
      const found = await conditionsOf(path)
      return wanted.length === found.length && wanted.every((condition) => found.includes(condition))
    })

  it('is available and complete when all pods are ready, also with none', async () => {
    const { blue, green } = scene()
    const there = ['Available True MinimumReplicasAvailable', 'Progressing True NewReplicaSetAvailable']
    await says(blue, ...there)
    await says(green, ...there)
  })

  it('is not available while pods are missing, and scaling does not put its completion in question', async () => {
    const { blue, ready, patchDeployment, api } = scene()
    await ready(blue, 6)
    await says(blue, 'Available True MinimumReplicasAvailable', 'Progressing True NewReplicaSetAvailable')
    await patchDeployment(blue, { spec: { replicas: 8 } })
    await says(blue, 'Available True MinimumReplicasAvailable', 'Progressing True NewReplicaSetAvailable')
    await ready(blue, 8)
    expect(member(await api.must('GET', blue), 'status').replicas).toBe(8)
  })

  it.each(['broken', 'crash'])('gives up on a %s image at its deadline, and goes on with a good one', async (name) => {
    const { api, blue, ready, patchDeployment } = scene()
    await ready(blue, 6)
    await patchDeployment(blue, { spec: { progressDeadlineSeconds: 2 } })
    const set = (value: string) => api.must('PATCH', blue, [{ op: 'replace', path: image, value }], jsonPatch)
    await set(`registry.example.com/${name}:1`)
    // Between the two it says `ReplicaSetUpdated`, but for no longer than the deadline: whoever polls may miss it.
    await says(blue, 'Available True MinimumReplicasAvailable', 'Progressing False ProgressDeadlineExceeded')
    await set('registry.example.com/good:1')
    await says(blue, 'Available True MinimumReplicasAvailable', 'Progressing True NewReplicaSetAvailable')
  })
}

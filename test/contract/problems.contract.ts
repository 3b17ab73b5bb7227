import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { JsonObject } from '../../src/sandbox/cluster/json.ts'
import { jsonPatch, mergePatch } from './api.ts'
import type { ControlPlane } from './control-plane.ts'
import { claimOf, orderAt } from './marks.ts'
import { type Kind, notations } from './notation.ts'
import { useScene } from './use-scene.ts'

const weights = [5, 20, 50, 100]

/** What is looked at before any weight is written. */
export function problemsContract(plane: () => ControlPlane, kind: Kind): void {
  const scene = useScene(plane, kind)
  const { destinations, entry, rule: routeOf, rules, weightPath } = notations[kind]
  const codes = async () => (await scene().cluster.trafficProblems(weights)).map(({ code }) => code)
  const core = (name: string) => `/api/v1/namespaces/${scene().namespace}/services/${name}`
  const rule = () => `/apis/networking.istio.io/v1/namespaces/${scene().namespace}/destinationrules/claude-enhancer`

  it('finds none in the shipped manifests, with the rights of the shipped Role', async () => {
    expect(await codes()).toEqual([])
  })

  it('finds a sum that is too small for a phase, and never writes with it', async () => {
    const { cluster, patchRoute, weights: written } = scene()
    await patchRoute([{ op: 'replace', path: weightPath(0), value: 10 }])
    expect(await codes()).toEqual(['weights-too-coarse'])
    await cluster.claim(claimOf())
    const shift = (weight: number) => cluster.shift('green', weight, 0, orderAt(2))
    await expect(shift(5)).rejects.toMatchObject({ code: 'weights-too-coarse', detail: { sum: 10, weight: 5 } })
    expect(await written()).toEqual([10, 0])
    expect(await shift(10)).toMatchObject({ to: 10 })
    expect(await written()).toEqual([9, 1])
  })

  it('finds another route to a track, by its name, and lets one to other pods be', async () => {
    const { cluster, patchRoute } = scene()
    const add = (name: string, host: Parameters<typeof entry>[0]) =>
      patchRoute([{ op: 'add', path: `${rules}/0`, value: routeOf(name, [entry(host)]) }])
    await add('elsewhere', { host: 'third' })
    expect(await codes()).toEqual([])
    await add('admin', destinations.blue)
    expect(await cluster.trafficProblems(weights)).toMatchObject([
      { code: 'track-shared', detail: { track: 'blue', names: 'admin' } },
    ])
    expect((await cluster.view()).route.others).toEqual({ blue: ['admin'], green: [] })
  })

  it('finds another route to the pods of both tracks, by the Service of them all', async () => {
    const { cluster, patchRoute } = scene()
    const all = routeOf('all', [entry({ host: 'claude-enhancer' })])
    await patchRoute([{ op: 'add', path: `${rules}/0`, value: all }])
    expect(await cluster.trafficProblems(weights)).toMatchObject([
      { code: 'track-shared', detail: { track: 'blue', names: 'all' } },
      { code: 'track-shared', detail: { track: 'green', names: 'all' } },
    ])
  })

  it('finds a Service that is not there, or does not choose the pods', async () => {
    const { api } = scene()
    const { host } = destinations.green
    await api.must('PATCH', core(host), [{ op: 'replace', path: '/spec/selector', value: { app: 'other' } }], jsonPatch)
    expect(new Set(await codes())).toEqual(new Set(['destination-misleads']))
    await api.must('DELETE', core(host))
    expect(new Set(await codes())).toEqual(new Set(['cluster-not-found']))
  })

  // Subsets are the mesh's; a route of the Gateway API has Services alone.
  if (kind === 'http-route') {
    it('finds a Service that chooses the pods of both tracks', async () => {
      const { api, cluster } = scene()
      const value = { app: 'claude-enhancer' }
      await api.must(
        'PATCH',
        core(destinations.green.host),
        [{ op: 'replace', path: '/spec/selector', value }],
        jsonPatch,
      )
      const [problem] = await cluster.trafficProblems(weights)
      expect(problem?.message).toContain('claude-enhancer-green chooses the pods of claude-enhancer-blue too')
    })
  } else {
    it('finds another route to the pods of a track, by a subset of another name', async () => {
      const { api, cluster, patchRoute } = scene()
      const subset = (name: string, labels: JsonObject) => ({
        op: 'add',
        path: '/spec/subsets/-',
        value: { name, labels },
      })
      const subsets = [subset('all', { app: 'claude-enhancer' }), subset('beta', { track: 'beta' })]
      await api.must('PATCH', rule(), subsets, jsonPatch)
      const lead = (name: string) => {
        const value = routeOf(name, [entry({ host: 'claude-enhancer', subset: name })])
        return patchRoute([{ op: 'add', path: `${rules}/0`, value }])
      }
      await lead('beta')
      expect(await codes()).toEqual([])
      await lead('all')
      expect(await cluster.trafficProblems(weights)).toMatchObject([
        { code: 'track-shared', detail: { track: 'blue', names: 'all' } },
        { code: 'track-shared', detail: { track: 'green', names: 'all' } },
      ])
    })

    it('finds a subset that is not defined, or chooses the wrong pods', async () => {
      const { api, cluster } = scene()
      const change = async (path: string, value: string) => {
        await api.must('PATCH', rule(), [{ op: 'replace', path, value }], jsonPatch)
        return (await cluster.trafficProblems(weights)).map(({ message }) => message)
      }
      expect(await change('/spec/subsets/1/labels/track', 'blue')).toEqual([
        expect.stringMatching(/Subset green of DestinationRule .* does not choose the pods of claude-enhancer-green/),
      ])
      expect(await change('/spec/subsets/1/name', 'other')).toEqual([
        expect.stringMatching(/No DestinationRule in .* defines subset green of claude-enhancer/),
      ])
      expect(await change('/spec/host', 'claude-enhancer.elsewhere')).toHaveLength(2)
      expect(await change('/spec/host', `claude-enhancer.${scene().namespace}.svc.cluster.local`)).toHaveLength(1)
    })
  }

  it.each([
    ['flagger', 'Flagger'],
    ['rollouts-controller', 'Argo Rollouts'],
  ])('finds what %s has written', async (manager, controller) => {
    const { api, route, cluster } = scene()
    const patch = [{ op: 'replace', path: weightPath(1), value: 1 }]
    await api.must('PATCH', `${route}?fieldManager=${manager}`, patch, jsonPatch)
    expect(await cluster.trafficProblems(weights)).toMatchObject([
      { code: 'second-controller', detail: { controller } },
    ])
  })

  it('finds it no more once the line of docs/operations.md has been used', async () => {
    const { api, route, green, cluster } = scene()
    const section = readFileSync('docs/operations.md', 'utf8')
      .split(/^## /m)
      .find((part) => part.startsWith('A second'))
    const body: unknown = JSON.parse(/--type=merge -p '(.+)'$/m.exec(section ?? '')?.[1] ?? '')
    const patch = [{ op: 'replace', path: weightPath(1), value: 1 }]
    await api.must('PATCH', `${route}?fieldManager=flagger`, patch, jsonPatch)
    await api.must('PATCH', `${green}?fieldManager=rollouts-controller`, { spec: { replicas: 1 } }, mergePatch)
    expect(await cluster.trafficProblems(weights)).toHaveLength(2)
    for (const path of [route, green]) await api.must('PATCH', path, body, mergePatch)
    expect(await cluster.trafficProblems(weights)).toEqual([])
  })

  it('finds who owns the route', async () => {
    const { patchRoute, cluster } = scene()
    const owner = { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'shop', uid: 'x' }
    await patchRoute([{ op: 'add', path: '/metadata/ownerReferences', value: [owner] }])
    const problems = await cluster.trafficProblems(weights)
    expect(problems).toMatchObject([{ code: 'second-controller', detail: { controller: 'Flagger' } }])
    expect(problems[0]?.message).toContain('belongs to Canary shop')
  })

  it('tells a route that is not as configured by itself', async () => {
    const { adapter, config } = scene()
    const problems = await adapter({ traffic: { ...config.traffic, route: 'other' } }).trafficProblems(weights)
    expect(problems).toMatchObject([{ code: 'cluster-not-found' }])
  })
}

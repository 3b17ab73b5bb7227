import { expect, it } from 'vitest'
import { type JsonObject, member, parseJsonObject } from '../../src/sandbox/cluster/json.ts'
import { applyJsonPatch } from '../../src/sandbox/cluster/json-patch.ts'
import { metadataOf } from '../../src/sandbox/cluster/metadata.ts'
import type { ControlPlane } from './control-plane.ts'
import { claimOf, orderAt } from './marks.ts'
import { type Kind, notations } from './notation.ts'
import { addAutoscaler, lasting } from './scene.ts'
import { useScene } from './use-scene.ts'

const image = 'registry.example.com/claude-enhancer:5.1.0'

const imagePath = '/spec/template/spec/containers/0/image'

/** Everything that a route of this kind may hold beside the managed pair. */
const surroundings: Readonly<Record<Kind, { readonly inRoute: JsonObject; readonly inSpec: JsonObject }>> = {
  'virtual-service': {
    inRoute: {
      match: [{ uri: { prefix: '/api' }, headers: { 'x-team': { exact: 'qa' } } }],
      mirror: { host: 'mirror' },
      mirrorPercentage: { value: 10 },
      retries: { attempts: 3, perTryTimeout: '2s', retryOn: '5xx' },
      timeout: '10s',
      headers: { response: { set: { 'x-served-by': 'mesh' } } },
    },
    inSpec: {
      gateways: ['mesh', 'istio-system/public'],
      tls: [
        {
          match: [{ port: 443, sniHosts: ['shop.example.com'] }],
          route: [{ destination: { host: 'claude-enhancer', subset: 'blue', port: { number: 443 } }, weight: 100 }],
        },
      ],
      tcp: [
        {
          match: [{ port: 9000 }],
          route: [
            { destination: { host: 'claude-enhancer', subset: 'blue' }, weight: 100 },
            { destination: { host: 'claude-enhancer', subset: 'green' }, weight: 0 },
          ],
        },
      ],
    },
  },
  'http-route': {
    inRoute: {
      matches: [{ path: { type: 'PathPrefix', value: '/api' }, headers: [{ name: 'x-team', value: 'qa' }] }],
      filters: [
        { type: 'RequestMirror', requestMirror: { backendRef: { name: 'mirror', port: 80 } } },
        { type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'x-by', value: 'gateway' }] } },
      ],
      timeouts: { request: '10s' },
    },
    inSpec: { hostnames: ['shop.example.com'] },
  },
}

/** Nothing that Slipway doesn't own differs after a release, however it ends: whole objects are compared. */
export function wholeContract(plane: () => ControlPlane, kind: Kind): void {
  const scene = useScene(plane, kind)
  const { entry, entryPath, rule, rules, destinations, weightPath } = notations[kind]

  /** The route with all that it may hold. */
  async function fill(): Promise<void> {
    const { inRoute, inSpec } = surroundings[kind]
    const other = rule('other', [entry(destinations.green, 100)], inRoute)
    await scene().patchRoute([
      { op: 'add', path: entryPath(0), value: entry({ host: 'third' }, 10) },
      { op: 'replace', path: weightPath(1), value: 90 },
      ...Object.entries(inRoute).map(([name, value]) => ({ op: 'add', path: `${rules}/0/${name}`, value })),
      ...Object.entries(inSpec).map(([name, value]) => ({ op: 'add', path: `/spec/${name}`, value })),
      { op: 'add', path: '/metadata/annotations', value: { 'example.com/owner': 'shop <shop@example.com>' } },
      { op: 'add', path: `${rules}/0`, value: other },
    ])
    for (const track of ['blue', 'green'] as const)
      await addAutoscaler(scene(), track, { minReplicas: 1, maxReplicas: 10, targetCPUUtilizationPercentage: 70 })
  }

  /** Every object that a release could touch, without what is counted anew with each change. */
  async function all(): Promise<Readonly<Record<string, JsonObject>>> {
    const { api, namespace, route, blue, green } = scene()
    const core = `/api/v1/namespaces/${namespace}/services`
    const istio = `/apis/networking.istio.io/v1/namespaces/${namespace}/destinationrules`
    const scalers = `/apis/autoscaling/v1/namespaces/${namespace}/horizontalpodautoscalers`
    const lists = await Promise.all([core, istio, scalers].map((path) => api.must('GET', path)))
    const listed = lists.flatMap(({ items }) =>
      Array.isArray(items) ? items.map((item) => parseJsonObject(item)) : [],
    )
    const read = await Promise.all([route, blue, green].map((path) => api.must('GET', path)))
    const named = [...listed, ...read].map((object) => {
      const { status: _, ...fields } = lasting(object)
      const metadata = { ...member(fields, 'metadata') }
      const { 'deployment.kubernetes.io/revision': __, ...annotations } = metadataOf(object).annotations
      return [
        `${object.kind ?? ''} ${metadataOf(object).name}`,
        { ...fields, metadata: { ...metadata, annotations } },
      ] as const
    })
    return Object.fromEntries(named)
  }

  /** What is there afterwards, with Slipway's own put back to what it was. */
  function withoutOwn(
    after: Readonly<Record<string, JsonObject>>,
    before: Readonly<Record<string, JsonObject>>,
  ): Readonly<Record<string, JsonObject>> {
    const title = `${notations[kind].object} claude-enhancer`
    const spec = (name: string) => member(before[name] ?? {}, 'spec')
    return Object.fromEntries(
      Object.entries(after).map(([name, object]) => {
        if (name === title) {
          const own = [
            { op: 'replace', path: weightPath(1, 1), value: 90 },
            { op: 'replace', path: weightPath(2, 1), value: 0 },
            { op: 'remove', path: '/metadata/annotations/slipway.dev~1mark' },
          ]
          return [name, applyJsonPatch(object, own)]
        }
        // In a list of a kind that is built in, no object names its kind.
        if ('scaleTargetRef' in member(object, 'spec')) {
          return [name, applyJsonPatch(object, [{ op: 'remove', path: '/metadata/annotations/slipway.dev~1fence' }])]
        }
        if (!name.startsWith('Deployment ')) return [name, object]
        const { replicas = 0 } = spec(name)
        const own = [
          { op: 'replace', path: '/spec/replicas', value: replicas },
          { op: 'replace', path: imagePath, value: 'registry.example.com/claude-enhancer:5.0.0' },
          ...('slipway.dev/fence' in metadataOf(object).annotations
            ? [{ op: 'remove', path: '/metadata/annotations/slipway.dev~1fence' }]
            : []),
        ]
        return [name, applyJsonPatch(object, own)]
      }),
    )
  }

  async function advance(weight: number, from: number, version: number): Promise<void> {
    const { cluster, green, ready } = scene()
    const replicas = weight === 100 ? 6 : 2
    await cluster.pin('blue', 6, orderAt(version))
    await cluster.pin('green', replicas, orderAt(version))
    await cluster.size('green', { image, replicas, atLeast: true }, orderAt(version))
    await ready(green, replicas)
    expect(await cluster.shift('green', weight, from, orderAt(version))).toMatchObject({ from, to: weight })
  }

  it('after a completed release', async () => {
    const { cluster, blue, ready, weights, readRoute } = scene()
    await fill()
    await ready(blue, 6)
    const before = await all()
    await cluster.claim(claimOf())
    await advance(20, 0, 2)
    await advance(100, 20, 3)
    await cluster.claim({ ...claimOf(7, 4), stable: 'green', canary: 'blue' })
    await cluster.size('blue', { replicas: 0 }, orderAt(5))
    expect(await cluster.unpin(orderAt(6))).toHaveLength(2)
    const after = await all()
    expect(after).not.toEqual(before)
    expect(withoutOwn(after, before)).toEqual(before)
    expect(notations[kind].weightsOf(await readRoute(), 1)).toEqual([10, 0, 90])
    expect(await weights()).toEqual([100])
  })

  it('after one that was rolled back', async () => {
    const { cluster, blue, ready, readRoute } = scene()
    await fill()
    await ready(blue, 6)
    const before = await all()
    await cluster.claim(claimOf())
    await advance(20, 0, 2)
    await cluster.restore('blue', 6, orderAt(3), 'hold', Date.now())
    await cluster.size('green', { replicas: 0 }, orderAt(4))
    expect(await cluster.unpin(orderAt(5))).toHaveLength(2)
    const after = await all()
    expect(withoutOwn(after, before)).toEqual(before)
    // Of the weights not even Slipway's own differ.
    expect((await readRoute()).spec).toEqual(before[`${notations[kind].object} claude-enhancer`]?.spec)
  })
}

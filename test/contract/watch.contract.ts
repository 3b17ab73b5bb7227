import { KubeConfig, type KubernetesObject, makeInformer } from '@kubernetes/client-node'
import { afterEach, describe, expect, it } from 'vitest'
import { type JsonObject, member, parseJsonObject } from '../../src/sandbox/cluster/json.ts'
import { metadataOf } from '../../src/sandbox/cluster/metadata.ts'
import { startFaultProxy } from '../../src/sandbox/fault-proxy.ts'
import { mergePatch } from './api.ts'
import type { ControlPlane } from './control-plane.ts'
import { until } from './until.ts'
import { useScene } from './use-scene.ts'

/** Told what changes: by a watch, and by an informer that lists, watches, and starts again. */
export function watchContract(plane: () => ControlPlane): void {
  const scene = useScene(plane)
  const ends: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })
  const path = () => `/api/v1/namespaces/${scene().namespace}/configmaps`
  const create = (name: string, labels: JsonObject = { app: 'x' }) =>
    scene().api.must('POST', path(), { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels } })
  const change = (name: string, patch: JsonObject) => scene().api.must('PATCH', `${path()}/${name}`, patch, mergePatch)
  const versionNow = async () => String(member(await scene().api.must('GET', path()), 'metadata').resourceVersion)

  /** Watches until the test ends; the list grows. */
  async function watch(where: string, query: string): Promise<{ type: string; object: JsonObject }[]> {
    const { body } = await scene().api.forward('GET', `${where}?watch=true&${query}`, {}, Buffer.of())
    ends.push(async () => body.destroy())
    body.on('error', () => undefined)
    const told: { type: string; object: JsonObject }[] = []
    let rest = ''
    body.on('data', (bytes: Buffer) => {
      const lines = `${rest}${bytes.toString('utf8')}`.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const { type, object } = JSON.parse(line)
        told.push({ type, object: parseJsonObject(object) })
      }
    })
    return told
  }
  const words = (told: readonly { type: string; object: JsonObject }[]) =>
    told.map(({ type, object }) => `${type} ${metadataOf(object).name}`)

  describe('a watch', () => {
    it('tells what there is, then what comes, changes and goes', async () => {
      await create('a')
      const told = await watch(path(), 'labelSelector=app%3Dx')
      await until('what there is', async () => told.length === 1)
      await create('b')
      await change('b', { data: { a: '1' } })
      await scene().api.must('DELETE', `${path()}/b`)
      await until('all of it', async () => told.length === 4)
      expect(words(told)).toEqual(['ADDED a', 'ADDED b', 'MODIFIED b', 'DELETED b'])
      const versions = told.map(({ object }) => Number(metadataOf(object).resourceVersion))
      expect(versions).toEqual([...new Set(versions)].sort((one, other) => one - other))
    })

    it('goes on after the version of a list, with nothing twice', async () => {
      await create('a')
      const version = await versionNow()
      await create('b')
      const told = await watch(path(), `labelSelector=app%3Dx&resourceVersion=${version}`)
      await create('c')
      await until('both', async () => told.length === 2)
      expect(words(told)).toEqual(['ADDED b', 'ADDED c'])
    })

    it('by labels and by name tells of what comes to be selected, and is no longer', async () => {
      await create('a', {})
      await create('b', {})
      const version = await versionNow()
      const byLabel = await watch(path(), `labelSelector=app%3Dx&resourceVersion=${version}`)
      const byName = await watch(path(), `fieldSelector=metadata.name%3Db&resourceVersion=${version}`)
      await change('a', { metadata: { labels: { app: 'x' } } })
      const last = await change('a', { metadata: { labels: { app: 'y' } } })
      await change('b', { data: { a: '1' } })
      await until('all of it', async () => byLabel.length === 2 && byName.length === 1)
      expect(words(byLabel)).toEqual(['ADDED a', 'DELETED a'])
      // What it was, at the version of what it became.
      expect(metadataOf(byLabel[1]?.object ?? {})).toMatchObject({
        labels: { app: 'x' },
        resourceVersion: metadataOf(last).resourceVersion,
      })
      expect(words(byName)).toEqual(['MODIFIED b'])
    })

    it('ends at its time limit', async () => {
      const { body } = await scene().api.forward('GET', `${path()}?watch=true&timeoutSeconds=1`, {}, Buffer.of())
      await body.text()
    })

    it('from a version that is forgotten says so and ends', async () => {
      const { route } = scene()
      const routes = route.slice(0, route.lastIndexOf('/'))
      const told = await watch(routes, 'resourceVersion=1')
      await until('an error', async () => told.length === 1)
      expect(told[0]).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } })
    })
  })

  it('an informer sees what happened while it was cut off', { timeout: 240_000 }, async () => {
    const { admin } = plane()
    const server = new URL(admin.getCurrentCluster()?.server ?? '')
    const proxy = await startFaultProxy({ target: Number(server.port), random: () => 0.5 })
    ends.push(() => proxy.close())
    server.port = String(proxy.port)
    const through = new KubeConfig()
    through.loadFromString(admin.exportConfig().replaceAll(admin.getCurrentCluster()?.server ?? '', server.origin))

    const list = async () => {
      const found = await scene().api.must('GET', path())
      const items = Array.isArray(found.items) ? found.items.map((item) => parseJsonObject(item)) : []
      const metadata = { resourceVersion: String(member(found, 'metadata').resourceVersion) }
      return { apiVersion: 'v1', kind: 'ConfigMapList', metadata, items: items.map(asObject) }
    }
    const informer = makeInformer<KubernetesObject>(through, path(), list, 'app=x')
    const seen: string[] = []
    informer.on('add', ({ metadata }) => void seen.push(`add ${metadata?.name}`))
    informer.on('delete', ({ metadata }) => void seen.push(`delete ${metadata?.name}`))
    let failures = 0
    informer.on('error', () => {
      failures += 1
      setTimeout(() => void informer.start(), 100)
    })
    ends.push(() => informer.stop())
    await create('a')
    await create('b')
    await informer.start()
    await until('what there is', async () => seen.includes('add a') && seen.includes('add b'))
    proxy.setFault({ kind: 'cut' })
    await until('the informer is cut off', async () => failures > 0)
    await scene().api.must('DELETE', `${path()}/a`)
    await create('c')
    proxy.setFault(null)
    await until('what it has missed', async () => seen.includes('delete a') && seen.includes('add c'))
    await create('d')
    await until('what comes', async () => seen.includes('add d'))
    expect(seen.filter((word) => word !== 'add kube-root-ca.crt')).toEqual([
      'add a',
      'add b',
      ...['delete a', 'add c'],
      'add d',
    ])
  })
}

function asObject(object: JsonObject): KubernetesObject {
  const { name, namespace, resourceVersion } = metadataOf(object)
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, resourceVersion } }
}

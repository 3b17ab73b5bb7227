import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { breakGlass } from '../../src/cluster/break-glass.ts'
import { createBreakGlass } from '../../src/cluster/own-break-glass.ts'
import { metadataOf } from '../../src/sandbox/cluster/metadata.ts'
import { at } from '../rollout/ways.ts'
import { createApi, jsonPatch, plainKubeConfig } from './api.ts'
import type { ControlPlane } from './control-plane.ts'
import { atWeight, claimOf, markPath, orderAt, readMark } from './marks.ts'
import type { Kind } from './notation.ts'
import { type Fate, startProxy } from './proxy.ts'
import { lasting, service } from './scene.ts'
import { useScene } from './use-scene.ts'

const run = promisify(execFile)

const imagePath = '/spec/template/spec/containers/0/image'

/** Acting with nothing but a kubeconfig: a person's, who may do more than Slipway. */
export function breakGlassContract(plane: () => ControlPlane, kind: Kind): void {
  const scene = useScene(plane, kind)
  const glass = (changes: Partial<Parameters<typeof breakGlass>[0]> = {}) =>
    breakGlass({
      kubeConfig: plane().admin,
      namespace: scene().namespace,
      by: 'cli:operator@console',
      clock: systemClock,
      ...changes,
    })

  it('closes the fence where somebody has taken the canary out of the route', async () => {
    const { blue, ready, patchRoute, readRoute, notation } = scene()
    await ready(blue, 6)
    await atWeight(scene(), 20)
    await patchRoute([{ op: 'remove', path: notation.entryPath(1) }])
    expect(await glass()).toMatchObject({ rollout: 7, stable: 'blue', from: 0, to: 0 })
    expect(notation.weightsOf(await readRoute())).toEqual([80])
    expect(await readMark(scene())).toMatchObject({ closed: true, weight: 0 })
  })

  it.each([5, 100])('takes back %i percent and closes the fence, touching nothing else', async (weight) => {
    const { cluster, blue, ready, readRoute, weights } = scene()
    await ready(blue, 6)
    await atWeight(scene(), weight)
    const before = lasting(await readRoute())
    const broken = await glass()
    expect(broken).toMatchObject({ service, rollout: 7, stable: 'blue', canary: 'green', from: weight, to: 0 })
    const after = lasting(await readRoute())
    expect(await weights()).toEqual([100, 0])
    const { annotations: _, ...metadata } = metadataOf(after)
    const { annotations: __, ...metadataBefore } = metadataOf(before)
    expect(metadata).toEqual(metadataBefore)
    expect(await readMark(scene())).toMatchObject({ ...claimOf(7, 2), closed: true, by: 'cli:operator@console' })
    await expect(cluster.shift('green', 20, 0, orderAt(9))).rejects.toMatchObject({
      code: 'fence-closed',
      detail: { by: 'cli:operator@console' },
    })
    await cluster.claim(claimOf(7, 9))
    await expect(cluster.shift('green', 20, 0, orderAt(10))).rejects.toMatchObject({ code: 'fence-closed' })
    expect((await cluster.view()).route.mark).toMatchObject({ closed: true })
    await cluster.claim(claimOf(8, 1))
    expect(await cluster.shift('green', 5, 0, orderAt(2, 8))).toMatchObject({ to: 5 })
  })

  it('finds the namespace in the kubeconfig, and is repeated without harm', async () => {
    const { blue, ready, namespace, weights } = scene()
    await ready(blue, 6)
    await atWeight(scene(), 20)
    const proxy = await startProxy(await createApi(plane().admin))
    const options = { kubeConfig: plainKubeConfig(proxy.url, namespace), by: 'cli:operator', clock: systemClock }
    expect(await breakGlass(options)).toMatchObject({ namespace, from: 20, to: 0 })
    const writes = proxy.requests.filter((request) => request.startsWith('PATCH')).length
    expect(await breakGlass({ ...options, by: 'cli:another' })).toMatchObject({ from: 0, to: 0 })
    expect(proxy.requests.filter((request) => request.startsWith('PATCH')).length).toBe(writes)
    await proxy.close()
    expect(await weights()).toEqual([100, 0])
    expect(await readMark(scene())).toMatchObject({ by: 'cli:operator' })
  })

  it('closes the fence also when stable has everything', async () => {
    const { cluster, weights } = scene()
    await cluster.claim(claimOf())
    expect(await glass()).toMatchObject({ from: 0, to: 0 })
    await expect(cluster.shift('green', 5, 0, orderAt(2))).rejects.toMatchObject({ code: 'fence-closed' })
    expect(await weights()).toEqual([100, 0])
  })

  it('knows the rollout’s point of no return from the mark, until the parts are swapped', async () => {
    const { cluster, blue, ready, kubeConfig, config } = scene()
    await ready(blue, 6)
    const pointOfNoReturn = { phase: 2, weight: 20, what: 'the “orders” <table>' }
    await cluster.claim({ ...claimOf(), pointOfNoReturn })
    await cluster.shift('green', 20, 0, orderAt(2))
    expect(await glass()).toMatchObject({ from: 20, pointOfNoReturn })
    const known = { config, service, rollout: 7, stable: 'blue', stableSize: 6 } as const
    expect(await glass({ kubeConfig, known })).toMatchObject({ from: 0, pointOfNoReturn })
    await cluster.restore('blue', 6, orderAt(3), 'hold', Date.now())
    expect(await glass()).toMatchObject({ from: 0, pointOfNoReturn })
    await cluster.claim(claimOf(7, 4))
    expect(await glass()).not.toHaveProperty('pointOfNoReturn')
  })

  it('goes by the new parts where a clean-up swaps them meanwhile', async () => {
    const { cluster, blue, green, ready, namespace, route, weights } = scene()
    await cluster.claim(claimOf())
    await cluster.size('green', { replicas: 6 }, orderAt(2))
    await ready(green, 6)
    await cluster.shift('green', 100, 0, orderAt(2))
    const proxy = await startProxy(await createApi(plane().admin))
    let swapped = false
    proxy.intercept(async (_, path): Promise<Fate> => {
      if (path === route && !swapped) {
        swapped = true
        await cluster.claim({ ...claimOf(7, 3), stable: 'green', canary: 'blue' })
        await cluster.size('blue', { replicas: 0 }, orderAt(4))
        await ready(blue, 0)
      }
      return 'pass'
    })
    const broken = await glass({ kubeConfig: plainKubeConfig(proxy.url, namespace), whenEmpty: 'go-ahead' })
    await proxy.close()
    expect(broken).toMatchObject({ stable: 'green', canary: 'blue', from: 0, to: 0 })
    expect(await weights()).toEqual([0, 100])
    expect(await readMark(scene())).toMatchObject({ stable: 'green', closed: true })
  })

  it('goes on through conflicts, cut connections and calls that never end', async () => {
    const { blue, ready, namespace, weights, patchRoute, notation } = scene()
    await ready(blue, 6)
    await atWeight(scene(), 20)
    const proxy = await startProxy(await createApi(plane().admin))
    const fates = ['cut', 'hang', 503] as const
    let patches = 0
    proxy.intercept(async (method): Promise<Fate> => {
      const fate = fates[proxy.requests.length - 1]
      if (fate !== undefined) return fate
      if (method === 'PATCH') {
        patches += 1
        if (patches === 1) await patchRoute([{ op: 'replace', path: notation.weightPath(1), value: 25 }])
        if (patches === 2) return 'cut-after'
      }
      return 'pass'
    })
    const kubeConfig = plainKubeConfig(proxy.url, namespace)
    const broken = await glass({ kubeConfig })
    await proxy.close()
    expect(broken.to).toBe(0)
    expect(broken.steps.filter(({ name }) => name.endsWith('cluster-unreachable')).length).toBeGreaterThanOrEqual(4)
    expect(await weights()).toEqual([105, 0])
    expect(await readMark(scene())).toMatchObject({ closed: true })
  })

  it('asks which service is meant when several are marked', async () => {
    const { cluster, api, blue, ready, readRoute, route, weights, notation } = scene()
    await ready(blue, 6)
    await expect(glass()).rejects.toMatchObject({ code: 'cluster-not-found' })
    await atWeight(scene(), 20)
    const { spec, metadata } = await readRoute()
    const twin = { ...(await readMark(scene())), service: 'twin' }
    const annotations = { 'slipway.dev/mark': JSON.stringify(twin) }
    expect(metadata).toBeDefined()
    await api.must('POST', route.slice(0, route.lastIndexOf('/')), {
      apiVersion: notation.apiVersion,
      kind: notation.object,
      metadata: { name: 'twin', annotations },
      spec,
    })
    await expect(glass()).rejects.toMatchObject({ code: 'route-ambiguous' })
    await expect(glass({ service: 'third' })).rejects.toMatchObject({ code: 'cluster-not-found' })
    expect(await glass({ service })).toMatchObject({ service, from: 20, to: 0 })
    expect(await weights()).toEqual([100, 0])
    expect((await cluster.view()).route.mark).toMatchObject({ closed: true })
  })

  it('holds without a ready pod of stable, goes ahead when told to', async () => {
    const { blue, ready, patchDeployment, weights } = scene()
    await patchDeployment(blue, { spec: { replicas: 0 } })
    await ready(blue, 0)
    await atWeight(scene(), 20)
    await expect(glass()).rejects.toMatchObject({ code: 'stable-not-ready' })
    expect(await weights()).toEqual([80, 20])
    expect(await glass({ whenEmpty: 'go-ahead' })).toMatchObject({ from: 20, to: 0 })
  })

  describe('with what a running Slipway knows', () => {
    const known = (rollout: number) => {
      const { config } = scene()
      return { config, service, rollout, stable: 'blue' as const, stableSize: 6 }
    }

    it('works without a mark, with Slipway’s own rights', async () => {
      const { blue, ready, patchRoute, weights, kubeConfig } = scene()
      await ready(blue, 6)
      await atWeight(scene(), 20)
      await patchRoute([{ op: 'remove', path: markPath }])
      expect(await glass({ kubeConfig, known: known(7), by: 'slipway' })).toMatchObject({ rollout: 7, from: 20, to: 0 })
      expect(await weights()).toEqual([100, 0])
      expect(await readMark(scene())).toMatchObject({ closed: true, rollout: 7, by: 'slipway' })
    })

    it.each([0, 1])('scales a stable of %i first, and then writes', async (replicas) => {
      const { api, blue, ready, patchDeployment, weights, kubeConfig } = scene()
      await patchDeployment(blue, { spec: { replicas } })
      await ready(blue, replicas)
      await atWeight(scene(), 50)
      expect(await glass({ kubeConfig, known: known(7) })).toMatchObject({ from: 50, to: 0 })
      const { spec, status } = await api.must('GET', blue)
      expect(spec).toMatchObject({ replicas: 6 })
      expect(status).toMatchObject({ readyReplicas: expect.toSatisfy((count) => count >= 5) })
      expect(await weights()).toEqual([100, 0])
    })

    it('scales a stable whose size was written after the last weight', async () => {
      const { api, blue, ready, patchDeployment, kubeConfig, adapter } = scene()
      await atWeight(scene(), 50)
      await patchDeployment(blue, { spec: { replicas: 3 } })
      await adapter({}).size('blue', { replicas: 6, atLeast: true }, orderAt(9))
      await patchDeployment(blue, { spec: { replicas: 0 } })
      await ready(blue, 0)
      expect(await glass({ kubeConfig, known: known(7) })).toMatchObject({ from: 50, to: 0 })
      expect((await api.must('GET', blue)).spec).toMatchObject({ replicas: 6 })
    })

    it('writes after its time is over with the pods that came, and holds without one', async () => {
      const { api, blue, ready, patchDeployment, weights, kubeConfig } = scene()
      const { config, ...rest } = known(7)
      const impatient = { ...rest, config: { ...config, scaleFirst: 300 } }
      await patchDeployment(blue, { spec: { replicas: 0 } })
      await ready(blue, 0)
      await api.must('PATCH', blue, [{ op: 'replace', path: imagePath, value: 'example.com/broken:1' }], jsonPatch)
      await atWeight(scene(), 50)
      await expect(glass({ kubeConfig, known: impatient })).rejects.toMatchObject({ code: 'stable-not-ready' })
      expect(await weights()).toEqual([50, 50])
      expect(await glass({ kubeConfig, known: impatient, whenEmpty: 'go-ahead' })).toMatchObject({ from: 50, to: 0 })
      expect(await weights()).toEqual([100, 0])
    })

    it('scales nothing before a newer rollout', async () => {
      const { api, blue, ready, patchDeployment, kubeConfig } = scene()
      await patchDeployment(blue, { spec: { replicas: 1 } })
      await ready(blue, 1)
      await atWeight(scene(), 20)
      await expect(glass({ kubeConfig, known: known(6) })).rejects.toMatchObject({ code: 'newer-fence' })
      expect((await api.must('GET', blue)).spec).toMatchObject({ replicas: 1 })
    })

    it('stops before a newer rollout', async () => {
      const { blue, ready, weights, kubeConfig } = scene()
      await ready(blue, 6)
      await atWeight(scene(), 20)
      await expect(glass({ kubeConfig, known: known(6) })).rejects.toMatchObject({ code: 'newer-fence' })
      expect(await weights()).toEqual([80, 20])
    })

    it('stops where the rollout is complete, and stable another track by now', async () => {
      const { blue, ready, weights, kubeConfig } = scene()
      await ready(blue, 6)
      await atWeight(scene(), 20)
      const before = { ...known(7), stable: 'green' as const }
      await expect(glass({ kubeConfig, known: before, whenEmpty: 'go-ahead' })).rejects.toMatchObject({
        code: 'newer-fence',
      })
      expect(await weights()).toEqual([80, 20])
    })
  })

  it('the bot’s own takes a newer rollout back that it has not seen begin', async () => {
    const { blue, ready, weights, kubeConfig, cluster, config } = scene()
    await ready(blue, 6)
    await atWeight(scene(), 20)
    const known = () => [{ ...at('soaking').state, rollout: 6 }]
    const own = createBreakGlass({
      kubeConfig,
      config: { cluster: config, service },
      clock: systemClock,
      cluster,
      known,
    })
    expect(await own('U000SRE', 'hold')).toMatchObject({ rollout: 7, from: 20, to: 0 })
    expect(await weights()).toEqual([100, 0])
  })

  it('the bot’s own knows from the cluster how large stable should be where it has seen nothing', async () => {
    const { cluster, api, blue, green, ready, patchDeployment, weights, kubeConfig, config } = scene()
    await atWeight(scene(), 50)
    await cluster.size('green', { replicas: 3 }, orderAt(3))
    await patchDeployment(blue, { spec: { replicas: 1 } })
    await ready(blue, 1)
    await ready(green, 3)
    const here = { config: { cluster: config, service }, clock: systemClock, cluster, known: () => [] }
    expect(await createBreakGlass({ kubeConfig, ...here })('slipway', 'hold')).toMatchObject({ from: 50, to: 0 })
    expect((await api.must('GET', blue)).spec).toMatchObject({ replicas: 3 })
    expect(await weights()).toEqual([100, 0])
  })

  describe('by hand', () => {
    it('the kubectl line takes back everything, and the bot sees it', async ({ skip }) => {
      const installed = await run('kubectl', ['version', '--client']).then(
        () => true,
        () => false,
      )
      skip(!installed, 'kubectl is not installed')
      const { cluster, weights, blue, ready } = scene()
      await ready(blue, 6)
      await atWeight(scene(), 20)
      const line = await cluster.byHand('blue')
      const home = await mkdtemp(join(tmpdir(), 'slipway-kubectl-'))
      const file = join(home, 'kubeconfig')
      await writeFile(file, plane().admin.exportConfig())
      await run('sh', ['-c', line], { env: { ...process.env, HOME: home, KUBECONFIG: file } })
      await rm(home, { recursive: true })
      expect(await weights()).toEqual([100, 0])
      await expect(cluster.shift('green', 50, 20, orderAt(3))).rejects.toMatchObject({ code: 'weights-differ' })
    })
  })
}

import { beforeEach, describe, expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import { parseImage } from '../../src/readiness/image-name.ts'
import { createExamined, type Examined } from './examine.ts'
import { readyPod } from './fake-snapshot.ts'

let examined: Examined
beforeEach(() => {
  examined = createExamined()
})
const away = () => Promise.reject(new SlipwayError('address-unreachable', { url: 'http://shop' }))

describe('stable-ready', () => {
  test('passes when every pod is', async () => {
    expect((await examined.examine('stable-ready')).result).toBe('pass')
  })
  test('blocks when one is not', async () => {
    examined.world.ready.blue = 5
    expect((await examined.examine('stable-ready')).found).toMatch(/^5 of 6 pods/)
  })
  test('blocks when stable is scaled to 0', async () => {
    examined.world.shown.sizes.blue = 0
    examined.world.ready.blue = 0
    expect((await examined.examine('stable-ready')).found).toMatch(/is scaled to 0/)
  })
  test('blocks when the cluster does not answer', async () => {
    examined.cluster.failing = 'all'
    expect(await examined.examine('stable-ready')).toMatchObject({ result: 'block', ran: false })
  })
})

describe('stable-steady', () => {
  test('passes when every pod has been ready for long enough', async () => {
    expect(await examined.examine('stable-steady')).toMatchObject({
      result: 'pass',
      found: 'all 6 pods, for at least 1 h',
    })
    examined.cluster.pods.splice(1)
    expect((await examined.examine('stable-steady')).found).toBe('1 pod, for at least 1 h')
  })
  test('warns for a pod that became ready just now', async () => {
    examined.cluster.pods.push(readyPod('young', examined.world.time + 3_590_000))
    expect(await examined.examine('stable-steady')).toMatchObject({
      result: 'warn',
      found: 'ready only lately: young for 10 s',
    })
    expect((await examined.examine('stable-steady', { readyFor: '5s' })).result).toBe('pass')
  })
  test('warns for a pod that does not tell since when', async () => {
    const pod = readyPod('silent', 0)
    if (pod.status) pod.status.conditions = []
    examined.cluster.pods.push(pod)
    expect((await examined.examine('stable-steady')).result).toBe('warn')
  })
  test('does not pass without pods', async () => {
    examined.cluster.pods = []
    expect((await examined.examine('stable-steady')).result).toBe('warn')
    examined.cluster.failing = new Set(['pods'])
    expect(await examined.examine('stable-steady')).toMatchObject({ result: 'block', ran: false })
  })
})

describe('restarts', () => {
  function withStatus(changes: object): void {
    const pod = readyPod('blue-x', examined.world.time)
    Object.assign(pod.status?.containerStatuses?.[0] ?? {}, changes)
    examined.cluster.pods.push(pod)
  }
  const ended = (ago: number) => ({
    lastState: { terminated: { exitCode: 1, finishedAt: new Date(examined.world.time - ago) } },
  })
  test('passes without any, and with one long ago', async () => {
    withStatus(ended(7_200_000))
    expect(await examined.examine('restarts')).toMatchObject({ result: 'pass', found: 'none' })
  })
  test('warns for one lately, as far as configured', async () => {
    withStatus(ended(60_000))
    expect(await examined.examine('restarts')).toMatchObject({
      result: 'warn',
      found: 'blue-x: claude-enhancer ended (exit code 1)',
    })
    expect((await examined.examine('restarts', { atMost: 1 })).result).toBe('pass')
  })
  test('does not pass while one keeps crashing, whatever is allowed', async () => {
    withStatus({ state: { waiting: { reason: 'CrashLoopBackOff' } } })
    expect((await examined.examine('restarts', { atMost: 9, severity: 'block' })).result).toBe('block')
  })
  test('looks at init containers that keep running, and not at those that end before the others start', async () => {
    const pod = readyPod('blue-x', examined.world.time)
    const [own] = pod.status?.containerStatuses ?? []
    if (own === undefined || pod.spec === undefined) throw new Error('the pod has no container')
    const crashing = { ...own, name: 'istio-proxy', state: { waiting: { reason: 'CrashLoopBackOff' } } }
    const migrated = { ...own, name: 'migrate', ...ended(60_000) }
    pod.spec.initContainers = [{ name: 'istio-proxy', restartPolicy: 'Always' }, { name: 'migrate' }]
    Object.assign(pod.status ?? {}, { initContainerStatuses: [crashing, migrated] })
    examined.cluster.pods = [pod]
    expect(await examined.examine('restarts')).toMatchObject({
      result: 'warn',
      found: 'blue-x: istio-proxy keeps crashing',
    })
    Object.assign(crashing, { state: { running: {} } })
    expect(await examined.examine('restarts')).toMatchObject({ result: 'pass', found: 'none' })
  })
  test('blocks without the list of pods', async () => {
    examined.cluster.failing = new Set(['pods'])
    expect(await examined.examine('restarts')).toMatchObject({ result: 'block', ran: false })
  })
})

describe('health', () => {
  const settings = { urls: ['http://shop/healthz'] }
  const answers = (status: number) => {
    examined.outside = { ...examined.outside, fetch: async () => ({ status }) }
  }
  test('is off without an address', async () => {
    await expect(examined.examine('health', {})).rejects.toThrow('no address is configured')
  })
  test('passes when it answers 200', async () => {
    expect(await examined.examine('health', settings)).toMatchObject({ result: 'pass', found: '1 answers' })
  })
  test.each([500, 404, 302])('blocks when it answers %i', async (status) => {
    answers(status)
    expect((await examined.examine('health', settings)).found).toBe(`http://shop/healthz: status ${status}`)
  })
  test('is asked once more when it does not answer; then it could not be checked', async () => {
    let times = 0
    const fetch = async () => (++times === 1 ? away() : { status: 200 })
    examined.outside = { ...examined.outside, fetch }
    expect(await examined.examine('health', settings)).toMatchObject({ result: 'pass' })
    examined.outside = { ...examined.outside, fetch: away }
    expect(await examined.examine('health', settings)).toMatchObject({
      result: 'block',
      ran: false,
      found: 'could not be checked: http://shop did not answer.',
    })
    expect(await examined.examine('health', { ...settings, unknown: 'warn' })).toMatchObject({ result: 'warn' })
  })
  test('blocks for one that is not well also while another does not answer', async () => {
    const urls = ['http://shop/healthz', 'http://shop/readyz']
    const fetch = async (url: string) => (url === urls[0] ? away() : { status: 500 })
    examined.outside = { ...examined.outside, fetch }
    expect(await examined.examine('health', { urls, unknown: 'warn' })).toMatchObject({
      result: 'block',
      found: 'http://shop/readyz: status 500',
    })
  })
})

describe('image-named', () => {
  test('passes for a version', async () => {
    expect((await examined.examine('image-named')).result).toBe('pass')
  })
  test.each(['latest', 'main', 'stable'])('blocks for %s', async (version) => {
    expect((await examined.examine('image-named', undefined, version)).found).toMatch(/is moved from image to image/)
  })
  test('blocks for what is no name', async () => {
    expect((await examined.examine('image-named', undefined, '-odd-')).found).toMatch(/no registry would take/)
  })
})

test.each([
  ['shop', { registry: undefined, repository: 'shop', tag: undefined, digest: undefined }],
  ['team/shop:1.2', { registry: undefined, repository: 'team/shop', tag: '1.2', digest: undefined }],
  ['localhost:5000/shop:1', { registry: 'localhost:5000', repository: 'shop', tag: '1', digest: undefined }],
  [
    `r.example.com/a/b@sha256:${'a'.repeat(64)}`,
    { registry: 'r.example.com', repository: 'a/b', tag: undefined, digest: `sha256:${'a'.repeat(64)}` },
  ],
  ['Shop:1', null],
  ['shop:', null],
  ['r.example.com/shop:1 2', null],
])('%s is read as an image', (text, parts) => expect(parseImage(text)).toEqual(parts))

describe('image-new', () => {
  test('passes for another version', async () => {
    expect((await examined.examine('image-new')).found).toMatch(/claude-enhancer:5.0.0$/)
  })
  test('blocks for the one that runs', async () => {
    expect((await examined.examine('image-new', undefined, '5.0.0')).result).toBe('block')
  })
  test('blocks when the cluster does not answer', async () => {
    examined.cluster.failing = 'all'
    expect(await examined.examine('image-new')).toMatchObject({ result: 'block', ran: false })
  })
})

describe('image-exists', () => {
  const settings = { registry: 'https://registry.example.com' }
  test('is off without a registry', async () => {
    await expect(examined.examine('image-exists', {})).rejects.toThrow('no registry is configured')
  })
  test('passes when the registry has it', async () => {
    expect(await examined.examine('image-exists', settings)).toMatchObject({ result: 'pass', found: 'sha256:1' })
  })
  test('blocks when the registry has not', async () => {
    examined.outside = { ...examined.outside, findImage: async () => null }
    expect((await examined.examine('image-exists', settings)).result).toBe('block')
  })
  test('blocks when the registry does not answer', async () => {
    examined.outside = { ...examined.outside, findImage: away }
    expect(await examined.examine('image-exists', settings)).toMatchObject({ result: 'block', ran: false })
  })
})

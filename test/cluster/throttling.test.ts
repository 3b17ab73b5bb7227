import { createServer, type RequestListener, type Server } from 'node:http'
import { KubeConfig } from '@kubernetes/client-node'
import { afterEach, describe, expect, it } from 'vitest'
import { createClient } from '../../src/cluster/client.ts'
import { virtualService } from '../../src/cluster/virtual-service.ts'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** A client of an API server that answers so. */
async function clientOf(listener: RequestListener, timeout = 20_000) {
  const running = createServer(listener)
  server = running
  await new Promise<void>((resolve) => running.listen(0, '127.0.0.1', resolve))
  const address = running.address()
  const port = typeof address === 'object' ? address?.port : 0
  const kubeConfig = new KubeConfig()
  kubeConfig.loadFromClusterAndUser(
    { name: 'local', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
    { name: 'nobody' },
  )
  return createClient({ kubeConfig, namespace: 'default', timeout })
}

const answer =
  (status: number, headers: Record<string, string>, body = '{}'): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
const html = '<!doctype html><title>Sign in</title>'

describe('an API server', () => {
  it.each([
    [429, { 'retry-after': '7' }, 7_000],
    [503, { 'retry-after': new Date(Date.now() + 600_000).toUTCString() }, expect.closeTo(600_000, -5)],
    [429, {}, undefined],
    [502, { 'retry-after': 'later' }, undefined],
    [504, {}, undefined],
  ])('answers %d with %j', async (status, headers, after) => {
    const client = await clientOf(answer(status, headers))
    const calls = [
      () => client.readRoute(virtualService, 'a'),
      () => client.patchDeployment('a', []),
      () => client.listPods('a=b'),
    ]
    for (const call of calls)
      await expect(call()).rejects.toMatchObject({
        code: 'cluster-unreachable',
        detail: after === undefined ? { what: expect.any(String) } : { after },
      })
  })

  it('that asks for a pause is told so', async () => {
    const client = await clientOf(answer(429, { 'retry-after': '7' }))
    await expect(client.readRoute(virtualService, 'a')).rejects.toThrow(
      'The Kubernetes API server asks for a pause of 7 s (VirtualService default/a).',
    )
  })

  it.each([
    ['a page instead of JSON', answer(200, { 'content-type': 'text/html' }, html)],
    ['a page that claims to be JSON', answer(200, {}, html)],
    ['JSON cut off', answer(200, {}, '{"metadata":')],
    ['nothing', answer(200, {}, '')],
    ['a list instead of an object', answer(200, {}, '[1]')],
    ['null', answer(200, {}, 'null')],
    ['something else', answer(200, {}, '{"metadata":{"name":7},"items":"none"}')],
    [
      'an end in the middle',
      (_request, response) =>
        void response.writeHead(200, { 'content-length': '99' }).end('{"a"', () => response.destroy()),
    ],
    ['a page that says no', answer(500, { 'content-type': 'text/html' }, html)],
  ] satisfies [string, RequestListener][])('that answers %s is no fault of ours', async (_what, listener) => {
    const client = await clientOf(listener)
    const code = expect.stringMatching(/^cluster-(unreachable|unreadable|refused)$/)
    const calls = [
      () => client.readRoute(virtualService, 'a'),
      () => client.listRoutes(virtualService),
      () => client.readDeployment('a'),
      () => client.listPods('a=b'),
    ]
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code })
  })

  it.each([
    ['silence', () => undefined],
    ['headers and then silence', (_request, response) => void response.writeHead(200).write('{')],
    [
      'an answer that trickles',
      (_request, response) => {
        const timer = setInterval(() => response.write(' '), 20)
        response.on('close', () => clearInterval(timer))
      },
    ],
    ['an answer after the time limit', (_request, response) => void setTimeout(() => response.end('{}'), 3_000)],
  ] satisfies [string, RequestListener][])('that gives %s is left at the time limit', async (_what, listener) => {
    const client = await clientOf(listener, 300)
    const start = performance.now()
    const calls = [() => client.readRoute(virtualService, 'a'), () => client.patchRoute(virtualService, 'a', [])]
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'cluster-unreachable' })
    expect(performance.now() - start).toBeLessThan(15_000)
  })

  it('that stays silent gathers no connections', async () => {
    const client = await clientOf(() => undefined, 100)
    const calls = Array.from({ length: 30 }, () => client.readRoute(virtualService, 'a').catch(() => undefined))
    await Promise.all(calls)
    const open = () => new Promise<number>((resolve) => server?.getConnections((_error, count) => resolve(count)))
    await expect.poll(open).toBe(0)
  })
})

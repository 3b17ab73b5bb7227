import { once } from 'node:events'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { type HttpOptions, type HttpServer, startHttp } from '../../src/http/server.ts'

const since = '2026-01-01T00:00:00.000Z'
let server: HttpServer | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

async function start(parts: Partial<Pick<HttpOptions, 'checks' | 'metricsText'>> = {}) {
  server = await startHttp({
    port: 0,
    checks: async () => ({ redis: { ok: true, since } }),
    metricsText: async () => 'slipway_up 1\n',
    ...parts,
  })
  const { port } = server
  return (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init)
}

/** Sends bytes as they are and gives everything that comes back. */
async function raw(bytes: string): Promise<string> {
  const socket = connect(server?.port ?? 0, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(bytes)
  return text(socket)
}

const never = () => new Promise<never>(() => undefined)

test('/healthz says that the process is alive, whatever the dependencies are', async () => {
  const get = await start({ checks: async () => ({ redis: { ok: false, since } }) })
  const response = await get('/healthz')
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual({ alive: true })
})

test('it is reached by IPv4, and by IPv6 where the machine has that', async () => {
  await start()
  const has = Object.values(networkInterfaces()).flatMap((of = []) => of.map(({ family }) => family))
  const hosts = ['127.0.0.1', ...(has.includes('IPv6') ? ['[::1]'] : [])]
  for (const host of hosts) expect((await fetch(`http://${host}:${server?.port}/healthz`)).status).toBe(200)
})

test('/readyz is 200 when every dependency is well', async () => {
  const get = await start()
  const response = await get('/readyz?verbose')
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toContain('application/json')
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(await response.json()).toEqual({ ready: true, dependencies: { redis: { ok: true, since } } })
})

test('/readyz is 503 when one is not, and says which', async () => {
  const dependencies = { redis: { ok: true, since }, slack: { ok: false, since, detail: 'no connection' } }
  const get = await start({ checks: async () => dependencies })
  const response = await get('/readyz')
  expect(response.status).toBe(503)
  expect(await response.json()).toEqual({ ready: false, dependencies })
})

test.each<[string, HttpOptions['checks']]>([
  ['reject', () => Promise.reject(new Error('token=hunter2'))],
  [
    'throw',
    () => {
      throw new Error('token=hunter2')
    },
  ],
  ['hang', never],
])('/readyz is 503 when the checks %s', async (_how, checks) => {
  const get = await start({ checks })
  const response = await get('/readyz')
  expect(response.status).toBe(503)
  expect(await response.json()).toEqual({ ready: false, error: 'the checks did not answer' })
})

test('/metrics gives the text as Prometheus reads it', async () => {
  const get = await start()
  const response = await get('/metrics')
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(await response.text()).toBe('slipway_up 1\n')
})

test.each<[string, HttpOptions['metricsText']]>([
  ['reject', () => Promise.reject(new Error('no'))],
  ['hang', never],
])('/metrics is 503 when they %s', async (_how, metricsText) => {
  const get = await start({ metricsText })
  expect((await get('/metrics')).status).toBe(503)
})

test.each(['/', '/healthz/', '/metrics/../readyz/x', '//healthz'])('%s is 404 as JSON', async (path) => {
  const get = await start()
  const response = await get(path)
  expect(response.status).toBe(404)
  expect(await response.json()).toMatchObject({ error: 'not found' })
})

test('HEAD gives the headers only', async () => {
  const get = await start()
  const response = await get('/healthz', { method: 'HEAD' })
  expect(response.status).toBe(200)
  expect(response.headers.get('content-length')).toBe('15')
  expect(await response.text()).toBe('')
})

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s is 405 and says what is allowed', async (method) => {
  const get = await start()
  const response = await get('/healthz', { method })
  expect(response.status).toBe(405)
  expect(response.headers.get('allow')).toBe('GET, HEAD')
})

test('a body is not taken, and ends the connection', async () => {
  await start()
  const head = 'GET /healthz HTTP/1.1\r\nhost: x\r\n'
  expect(await raw(`${head}content-length: 5\r\n\r\nhello`)).toMatch(/^HTTP\/1.1 413 .*^connection: close/ims)
  expect(await raw(`${head}transfer-encoding: chunked\r\n\r\n`)).toMatch(/^HTTP\/1.1 413 .*^connection: close/ims)
})

test('a header that is too large is refused', async () => {
  await start()
  expect(await raw(`GET /healthz HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(9_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 /)
})

test('a request that never ends is', async () => {
  await start()
  expect(await raw('GET /healthz HTTP/1.1\r\n')).toMatch(/^HTTP\/1.1 408 /)
})

test('a port in use is told', async () => {
  await start()
  const options = { port: server?.port ?? 0, checks: async () => ({}), metricsText: async () => '' }
  await expect(startHttp(options)).rejects.toMatchObject({
    code: 'port-refused',
    message: `Port ${options.port} can't be listened on (EADDRINUSE).`,
    todo: expect.stringContaining('SLIPWAY_HTTP_PORT'),
  })
})

test('closing ends waiting requests too', async () => {
  const asked = Promise.withResolvers<void>()
  const get = await start({
    checks: () => {
      asked.resolve()
      return never()
    },
  })
  const waiting = get('/readyz')
  const ended = expect(waiting).rejects.toThrow()
  await asked.promise
  await server?.close()
  server = undefined
  await ended
})

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { Secret } from '../../src/config/secret.ts'
import { createFindImage } from '../../src/outside/registry.ts'

interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

const open: Server[] = []
afterEach(async () => {
  for (const server of open.splice(0)) {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
})

/** A server, and what it was asked: method, path, authorization. Null: it never answers. */
async function serve(answer: (request: IncomingMessage, url: string) => Answer | null) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const { method, url = '', headers } = request
    asked.push(`${method} ${url} ${headers.authorization ?? 'nobody'}`)
    const told = answer(request, address)
    if (told !== null) response.writeHead(told.status, told.headers).end(told.body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push(server)
  const address = `http://127.0.0.1:${z.object({ port: z.int() }).parse(server.address()).port}`
  return { url: address, asked }
}

const digest = `sha256:${'a'.repeat(64)}`
const found: Answer = { status: 200, headers: { 'docker-content-digest': digest } }
const challenge = (realm: string, rest = ''): Answer => {
  return { status: 401, headers: { 'www-authenticate': `Bearer realm="${realm}"${rest}` } }
}
const credentials = new Secret('robot:pass:word')
const basic = `Basic ${Buffer.from('robot:pass:word').toString('base64')}`
const find = createFindImage({ timeout: 20_000 })
const findAs = createFindImage({ timeout: 20_000, credentials })

describe('an open registry', () => {
  test('tells the digest of an image, asked for every form that a manifest may have', async () => {
    let accepts = ''
    const { url, asked } = await serve(({ headers }) => {
      accepts = headers.accept ?? ''
      return found
    })
    expect(await find(`${url}/`, 'team/shop', '5.1.0')).toBe(digest)
    expect(asked).toEqual(['HEAD /v2/team/shop/manifests/5.1.0 nobody'])
    for (const form of ['oci.image.index', 'oci.image.manifest', 'manifest.list.v2', 'manifest.v2'])
      expect(accepts).toContain(form)
  })

  test('that tells no digest has the image all the same, and one that has none says so', async () => {
    expect(await find((await serve(() => ({ status: 200 }))).url, 'shop', '5.1.0')).toBe('')
    expect(await find((await serve(() => ({ status: 404 }))).url, 'shop', '5.1.0')).toBeNull()
  })
})

describe('a registry that wants to know who asks', () => {
  test('is told by name and password where it wants that', async () => {
    const { url, asked } = await serve(({ headers }) =>
      headers.authorization === basic
        ? found
        : { status: 401, headers: { 'www-authenticate': 'Basic realm="registry"' } },
    )
    expect(await findAs(url, 'shop', '5.1.0')).toBe(digest)
    expect(asked).toEqual(['HEAD /v2/shop/manifests/5.1.0 nobody', `HEAD /v2/shop/manifests/5.1.0 ${basic}`])
  })

  test.each(['token', 'access_token'])('is shown a %s of the place that it names', async (field) => {
    const { url, asked } = await serve(({ url: path = '', headers }, address) => {
      if (path.startsWith('/token')) return { status: 200, body: JSON.stringify({ [field]: 'T' }) }
      const rest = ',service="registry",scope="repository:shop:pull"'
      return headers.authorization === 'Bearer T' ? found : challenge(`${address}/token`, rest)
    })
    expect(await findAs(url, 'shop', '5.1.0')).toBe(digest)
    expect(asked).toEqual([
      'HEAD /v2/shop/manifests/5.1.0 nobody',
      `GET /token?service=registry&scope=repository%3Ashop%3Apull ${basic}`,
      'HEAD /v2/shop/manifests/5.1.0 Bearer T',
    ])
  })

  test('does not get the password for another place that is not encrypted', async () => {
    const other = await serve(() => ({ status: 200, body: JSON.stringify({ token: 'T' }) }))
    const { url } = await serve(({ headers }) =>
      headers.authorization === 'Bearer T' ? found : challenge(`${other.url}/token`),
    )
    expect(await findAs(url, 'shop', '5.1.0')).toBe(digest)
    expect(other.asked).toEqual(['GET /token nobody'])
  })

  test.each<[string, (address: string) => Answer]>([
    ['says no', () => ({ status: 403 })],
    ['says no again', (address) => challenge(`${address}/token`)],
    ['names no place', () => challenge('not an address')],
    ['fails', () => ({ status: 500 })],
    ['sends elsewhere', () => ({ status: 307, headers: { location: 'http://example.com/' } })],
  ])('and %s is an error that names it', async (_, answer) => {
    const { url } = await serve(({ url: path = '' }, address) =>
      path.startsWith('/token') ? { status: 200, body: '{"token":"T"}' } : answer(address),
    )
    await expect(findAs(url, 'shop', '5.1.0')).rejects.toMatchObject({
      code: 'registry-refused',
      detail: { registry: url },
    })
  })

  test.each(['{}', '<html>', ''])('and gives %j for a token is an error', async (body) => {
    const { url } = await serve(({ url: path = '' }, address) =>
      path.startsWith('/token') ? { status: 200, body } : challenge(`${address}/token`),
    )
    await expect(findAs(url, 'shop', '5.1.0')).rejects.toMatchObject({ code: 'registry-refused' })
  })
})

test('a registry that hangs, or is not there, is an error in time', async () => {
  const { url } = await serve(() => null)
  const hasty = createFindImage({ timeout: 300 })
  for (const address of [url, 'http://127.0.0.1:1'])
    await expect(hasty(address, 'shop', '5.1.0')).rejects.toMatchObject({ code: 'address-unreachable' })
})

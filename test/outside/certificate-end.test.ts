import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer as createPlainServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { certificateEnd } from '../../src/outside/certificate-end.ts'

const run = promisify(execFile)
const soon = 20_000

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-certificates-'))
})
afterAll(() => rm(dir, { recursive: true }))

const open: Server[] = []
afterEach(async () => {
  for (const server of open.splice(0)) {
    const closed = once(server, 'close')
    server.close()
    await closed
  }
})

interface Pair {
  readonly key: Buffer
  readonly cert: Buffer
  /** When it runs out, in ms. */
  readonly ends: number
}

/** A certificate of so many days, signed by itself or by another one. */
async function certify(name: string, days: number, issuer?: string): Promise<Pair> {
  const [keyFile, certFile] = [join(dir, `${name}.key`), join(dir, `${name}.pem`)]
  const by = issuer === undefined ? [] : ['-CA', join(dir, `${issuer}.pem`), '-CAkey', join(dir, `${issuer}.key`)]
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', String(days)],
    ...['-subj', `/CN=${name}`, ...by, '-keyout', keyFile, '-out', certFile],
  ])
  const [key, cert] = await Promise.all([readFile(keyFile), readFile(certFile)])
  return { key, cert, ends: Date.parse(new X509Certificate(cert).validTo) }
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push(server)
  return `https://127.0.0.1:${z.object({ port: z.int() }).parse(server.address()).port}`
}

test('of a server that nobody trusts is read all the same', async () => {
  const { key, cert, ends } = await certify('alone', 30)
  const url = await listen(createServer({ key, cert }))
  expect(await certificateEnd(`${url}/some/path`, soon)).toBe(ends)
})

test('of a chain is that of the first to run out, whichever it is', async () => {
  const root = await certify('root', 3)
  const leaf = await certify('leaf', 30, 'root')
  expect(root.ends).toBeLessThan(leaf.ends)
  const url = await listen(createServer({ key: leaf.key, cert: Buffer.concat([leaf.cert, root.cert]) }))
  expect(await certificateEnd(url, soon)).toBe(root.ends)
  const short = await certify('short', 1, 'root')
  const other = await listen(createServer({ key: short.key, cert: Buffer.concat([short.cert, root.cert]) }))
  expect(await certificateEnd(other, soon)).toBe(short.ends)
})

test('is the one of the name that is asked for', async () => {
  const [any, named] = await Promise.all([certify('any', 5), certify('localhost', 10)])
  const server = createServer({ key: any.key, cert: any.cert })
  server.addContext('localhost', { key: named.key, cert: named.cert })
  const url = await listen(server)
  expect(await certificateEnd(url.replace('127.0.0.1', 'localhost'), soon)).toBe(named.ends)
  expect(await certificateEnd(url, soon)).toBe(any.ends)
})

test('of what speaks no TLS, says nothing, or is not there is an error in time', async () => {
  const unreachable = { code: 'address-unreachable' }
  const plain = await listen(
    createPlainServer((socket) =>
      socket
        .on('error', () => undefined)
        .resume()
        .end('HTTP/1.1 400\r\n\r\n'),
    ),
  )
  await expect(certificateEnd(plain, soon)).rejects.toMatchObject(unreachable)
  const silent = await listen(createPlainServer((socket) => socket.on('error', () => undefined).resume()))
  await expect(certificateEnd(silent, 300)).rejects.toMatchObject(unreachable)
  await expect(certificateEnd('https://127.0.0.1:1', soon)).rejects.toMatchObject(unreachable)
})

test('leaves no connection behind', async () => {
  const { key, cert } = await certify('left', 30)
  const server = createServer({ key, cert })
  const url = await listen(server)
  await certificateEnd(url, soon)
  const count = () => promisify(server.getConnections.bind(server))()
  await expect.poll(count).toBe(0)
})

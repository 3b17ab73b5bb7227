import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { type FaultProxy, startFaultProxy } from '../../src/sandbox/fault-proxy.ts'
import { seededRandom } from '../../src/sandbox/service/random.ts'

let server: Server
let proxy: FaultProxy
/** What arrived at the target, and how many of its connections are open. */
let arrived: string
let sockets: Set<Socket>
const open = () => sockets.size
beforeEach(async () => {
  arrived = ''
  const own = new Set<Socket>()
  sockets = own
  server = createServer((socket) => {
    own.add(socket)
    socket.on('data', (bytes) => {
      arrived += bytes
      socket.write(`echo ${bytes}`)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => own.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = z.object({ port: z.int() }).parse(server.address())
  proxy = await startFaultProxy({ target: port, random: seededRandom(1), instead: ['target.here', 'proxies.own'] })
})
afterEach(async () => {
  await proxy.close()
  const closed = server.listening && once(server, 'close')
  server.close()
  await closed
})

/** A client that keeps what it heard, and how it ended. */
async function client() {
  const socket: Socket = connect({ host: '127.0.0.1', port: proxy.port })
  const seen = { text: '', ended: null as string | null, say: (words: string) => void socket.write(words), socket }
  socket.on('data', (bytes) => {
    seen.text += bytes
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    seen.ended = error.code ?? 'error'
  })
  socket.on('close', () => {
    seen.ended ??= 'closed'
  })
  await expect.poll(() => !socket.connecting || seen.ended !== null).toBe(true)
  return seen
}

test('without a fault it passes everything on, and the end of either side', async () => {
  const one = await client()
  one.say('a')
  await expect.poll(() => one.text).toBe('echo a')
  expect(open()).toBe(1)
  one.socket.end()
  await expect.poll(open).toBe(0)
  await expect.poll(() => one.ended).toBe('closed')
  expect(proxy.hit()).toBe(0)
})

test('cut resets what is connected and what connects, until it ends', async () => {
  const before = await client()
  before.say('a')
  await expect.poll(() => before.text).toBe('echo a')
  proxy.setFault({ kind: 'cut' })
  await expect.poll(() => before.ended).toBe('ECONNRESET')
  const during = await client()
  await expect.poll(() => during.ended).toBe('ECONNRESET')
  expect(proxy.hit()).toBe(2)
  proxy.setFault(null)
  const after = await client()
  after.say('b')
  await expect.poll(() => after.text).toBe('echo b')
})

test('stall lets no byte through either way; afterwards nothing of it comes late', async () => {
  const before = await client()
  proxy.setFault({ kind: 'stall' })
  const during = await client()
  before.say('before')
  during.say('during')
  const slow = await client()
  proxy.setFault(null)
  await expect.poll(() => [before.ended, during.ended, slow.ended]).toEqual(['ECONNRESET', 'ECONNRESET', 'ECONNRESET'])
  const after = await client()
  after.say('after')
  await expect.poll(() => after.text).toBe('echo after')
  expect(arrived).toBe('after')
})

test('half: what is sent arrives, its answer never does', async () => {
  const one = await client()
  proxy.setFault({ kind: 'half' })
  one.say('a')
  await expect.poll(() => arrived).toBe('a')
  const untouched = await client()
  proxy.setFault(null)
  await expect.poll(() => one.ended).toBe('ECONNRESET')
  expect(one.text).toBe('')
  untouched.say('b')
  await expect.poll(() => untouched.text).toBe('echo b')
})

test('slow keeps the order, takes its time each way, and carries out what its sender has given up on', async () => {
  const one = await client()
  proxy.setFault({ kind: 'slow', delay: 100, jitter: 1 })
  const begun = performance.now()
  const pieces = ['1', '2', '3', '4', '5', '6']
  for (const piece of pieces) {
    one.say(piece)
    await new Promise(setImmediate)
  }
  await expect.poll(() => one.text.replaceAll('echo ', '')).toBe('123456')
  expect(performance.now() - begun).toBeGreaterThan(60)
  one.say('late')
  await new Promise((resolve) => one.socket.end(() => resolve(undefined)))
  one.socket.destroy()
  await expect.poll(() => arrived).toBe('123456late')
  await expect.poll(open).toBe(0)
})

test('an address in the answers is replaced, and a target that is gone is a connection that ends', async () => {
  const one = await client()
  one.say('go to target.here')
  await expect.poll(() => one.text).toBe('echo go to proxies.own')
  one.socket.destroy()
  await expect.poll(open).toBe(0)
  server.close()
  await once(server, 'close')
  const late = await client()
  await expect.poll(() => late.ended).not.toBeNull()
})

test('an answer of its own is given once a connection, which ends; nothing reaches the target', async () => {
  const present = await client()
  present.say('a')
  await expect.poll(() => present.text).toBe('echo a')
  proxy.setFault({ kind: 'answer', text: 'no' })
  const fresh = await client()
  for (const one of [present, fresh]) {
    one.say('b')
    await expect.poll(() => one.ended).toBe('closed')
  }
  expect([present.text, fresh.text]).toEqual(['echo ano', 'no'])
  expect(arrived).toBe('a')
  proxy.setFault(null)
  const later = await client()
  later.say('c')
  await expect.poll(() => later.text).toBe('echo c')
})

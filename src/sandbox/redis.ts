import { mkdir } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { type Child, onFreePort, startChild } from './child.ts'
import { freePort } from './free-port.ts'
import type { Keeper } from './keeper.ts'

/** A Redis that keeps every write on disk before it answers, as Slipway wants it. */
export interface Redis {
  readonly url: string
  /** The process at present; after `start` it is another one. */
  readonly pid: number
  kill(signal: NodeJS.Signals): void
  stop(): Promise<void>
  /** Starts it again on the same port with the same data. */
  start(): Promise<void>
}

/** Starts a Redis of one's own below `dir`. */
export async function startRedis(dir: string, keeper: Keeper): Promise<Redis> {
  const data = join(dir, 'redis')
  await mkdir(data, { recursive: true })
  const run = (port: number): Promise<Child> => {
    const settings = { bind: '127.0.0.1', port, dir: data, appendonly: 'yes', appendfsync: 'always', save: '' }
    return startChild(
      {
        command: 'redis-server',
        args: Object.entries(settings).flatMap(([key, value]) => [`--${key}`, String(value)]),
        log: join(dir, 'redis.log'),
        ready: () => answersPing(port),
        limit: 60_000,
      },
      keeper,
    )
  }
  const first = await onFreePort(freePort, async (port) => ({ port, child: await run(port) }))
  let child = first.child
  return {
    url: `redis://127.0.0.1:${first.port}`,
    get pid() {
      return child.pid
    },
    kill: (signal) => child.kill(signal),
    stop: () => child.stop(),
    async start() {
      await child.exited
      child = await run(first.port)
    },
  }
}

/** True once it serves; while it loads its data it answers an error. */
function answersPing(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port }, () => socket.write('PING\r\n'))
    const end = (answer: true | undefined) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(1_000, () => end(undefined))
    socket.once('error', () => end(undefined))
    socket.once('data', (data) => end(data.toString().startsWith('+PONG') || undefined))
  })
}

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { type Child, onFreePort, startChild } from '../../src/sandbox/child.ts'
import { freePort } from '../../src/sandbox/free-port.ts'
import { startKeeper } from '../../src/sandbox/keeper.ts'
import { hurry } from '../../src/sandbox/sentinel.ts'
import { until } from '../../src/sandbox/until.ts'

/** A master, its replica, and sentinels that make the one the other when it is gone. */
export interface RedisWithSentinels {
  /** What goes into SLIPWAY_REDIS_URL. */
  readonly url: string
  /** The two servers, the first of which begins as master. */
  readonly servers: readonly { readonly child: Child; readonly port: number }[]
  readonly sentinels: readonly { readonly child: Child; readonly port: number }[]
  /** Port of the server that the sentinels call master. */
  master(): Promise<number>
  stop(): Promise<void>
}

export interface SentinelOptions {
  readonly sentinels?: number
  /** Asked for by the servers, and by the sentinels too where `sentinelsAsk`. */
  readonly password?: string
  readonly sentinelsAsk?: boolean
}

const host = '127.0.0.1'
/** How long it may take to start something, in ms: long, since a machine may be busy with other things. */
const limit = 60_000

/** Starts them all; returns when the replica follows and every sentinel knows both. */
export async function redisWithSentinels(options: SentinelOptions = {}): Promise<RedisWithSentinels> {
  const { sentinels: count = 1, password, sentinelsAsk = false } = options
  const dir = await mkdtemp(join(tmpdir(), 'slipway-sentinel-'))
  const keeper = startKeeper(dir)
  const auth = password === undefined ? {} : { password }

  async function answers(port: number, command: string, wanted: RegExp, credentials = auth): Promise<true | undefined> {
    const client = new Redis({ host, port, ...credentials, retryStrategy: () => null, lazyConnect: true })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return wanted.test(JSON.stringify(await client.call(...split(command)))) || undefined
    } catch {
      return undefined
    } finally {
      client.disconnect()
    }
  }

  const start = (name: string, lines: readonly string[], ready: (port: number) => Promise<true | undefined>) =>
    onFreePort(freePort, async (port) => {
      const home = join(dir, name)
      await mkdir(home, { recursive: true })
      const config = join(home, 'redis.conf')
      await writeFile(config, [`port ${port}`, `bind ${host}`, `dir ${home}`, ...lines, ''].join('\n'))
      const args = name.startsWith('sentinel') ? [config, '--sentinel'] : [config]
      const program = { command: 'redis-server', args, log: join(dir, `${name}.log`), ready: () => ready(port) }
      return { port, child: await startChild({ ...program, limit }, keeper) }
    })

  const server = ['appendonly yes', 'appendfsync always', 'save ""', 'repl-diskless-sync-delay 0', 'shutdown-timeout 0']
  if (password !== undefined) server.push(`requirepass ${password}`, `masterauth ${password}`)
  const first = await start('first', server, (port) => answers(port, 'PING', /PONG/))
  const follows = (port: number) => answers(port, 'INFO replication', /master_link_status:up/)
  const second = await start('second', [...server, `replicaof ${host} ${first.port}`], follows)

  const watch = [
    `sentinel monitor ledger ${host} ${first.port} ${Math.floor(count / 2) + 1}`,
    'sentinel down-after-milliseconds ledger 500',
    'sentinel failover-timeout ledger 3000',
  ]
  if (password !== undefined) watch.push(`sentinel auth-pass ledger ${password}`)
  if (sentinelsAsk) watch.push(`requirepass ${password}`)
  const asked = sentinelsAsk ? auth : {}
  const knowsBoth = new RegExp(`num-slaves","1".*num-other-sentinels","${count - 1}"`)
  const up = (port: number) => answers(port, `SENTINEL DEBUG ${hurry.join(' ')}`, /OK/, asked)
  const sentinels = await Promise.all(Array.from({ length: count }, (_, i) => start(`sentinel-${i}`, watch, up)))
  for (const { port } of sentinels)
    if (!(await until(() => answers(port, 'SENTINEL MASTER ledger', knowsBoth, asked), limit)))
      throw new Error('the sentinels do not find the replica')

  const user = password === undefined ? '' : `:${password}@`
  return {
    url: `redis+sentinel://${user}${sentinels.map(({ port }) => `${host}:${port}`).join(',')}/ledger`,
    servers: [first, second],
    sentinels,
    async master() {
      const port = sentinels[0]?.port ?? 0
      const client = new Redis({ host, port, ...asked })
      const answer = await client.call('SENTINEL', 'get-master-addr-by-name', 'ledger')
      client.disconnect()
      return Number(Array.isArray(answer) ? answer[1] : 0)
    },
    async stop() {
      const all = [...sentinels, first, second].map(({ child }) => child)
      for (const child of all) child.kill('SIGKILL')
      await Promise.all(all.map((child) => child.stop()))
      await keeper.finish()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

function split(command: string): [string, ...string[]] {
  const [name = '', ...rest] = command.split(' ')
  return [name, ...rest]
}

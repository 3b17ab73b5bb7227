import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { z } from 'zod'
import { SlipwayError } from '../errors.ts'
import { type Child, onFreePort, startChild } from './child.ts'
import { freePort } from './free-port.ts'
import type { Keeper } from './keeper.ts'
import { until } from './until.ts'

/** Two Redis servers, one of them master, and sentinels that make the other one master when it is gone. */
export interface RedisSet {
  /** What goes into SLIPWAY_REDIS_URL; `sentinels` are the ports that stand there instead of the real ones. */
  url(sentinels?: readonly number[]): string
  readonly sentinels: readonly number[]
  /** Port of the server that the sentinels call master. */
  master(): Promise<number>
  /** Ends the master without a word. The sentinels notice after half a second. */
  killMaster(): Promise<void>
  /** Tells the sentinels to swap the two. @throws ReplyError while they see no good replica. */
  failOver(): Promise<void>
  /** Starts what was killed, as replica of whoever is master by then, and returns once all is as in the beginning. */
  mend(): Promise<void>
  stop(): Promise<void>
}

const host = '127.0.0.1'
const name = 'slipway'
const limit = 90_000
const address = z.tuple([z.string(), z.coerce.number()])

/** Sentinels look around every ten seconds, and sit still for thirty after a hiccup of the machine: too long for a test. In ms. */
export const hurry = ['info-period', '300', 'publish-period', '300', 'tilt-trigger', '10000', 'tilt-period', '1000']

/** Sentinels never make a replica of the first kind master; the second is what Redis has by itself. */
const priority = { notYet: 0, usual: 100 }

interface Server {
  readonly port: number
  readonly dir: string
  child: Child
}

/**
 * Starts two servers below `dir` and `sentinels` (3) of them, most of whom must agree.
 * @throws SlipwayError `sandbox-start-failed`.
 */
export async function startRedisSet(dir: string, keeper: Keeper, sentinels = 3): Promise<RedisSet> {
  const run = (port: number, home: string, master: number | null, rank = priority.usual): Promise<Child> => {
    const settings = {
      bind: host,
      port,
      dir: home,
      appendonly: 'yes',
      appendfsync: 'always',
      save: '',
      'repl-diskless-sync-delay': 0,
      'repl-ping-replica-period': 1,
      'replica-priority': rank,
      ...(master !== null && { replicaof: `${host} ${master}` }),
    }
    const args = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, ...words(value)])
    const ready = () => says(port, /PONG/, 'PING')
    return startChild({ command: 'redis-server', args, log: join(home, 'redis.log'), ready, limit }, keeper)
  }
  const startServer = (home: string, master: number | null): Promise<Server> =>
    onFreePort(freePort, async (port) => {
      await mkdir(home, { recursive: true })
      return { port, dir: home, child: await run(port, home, master) }
    })
  const startSentinel = (home: string, master: number) =>
    onFreePort(freePort, async (port) => {
      await mkdir(home, { recursive: true })
      const config = join(home, 'sentinel.conf')
      const lines = [
        `port ${port}`,
        `bind ${host}`,
        `dir ${home}`,
        `sentinel monitor ${name} ${host} ${master} ${Math.floor(sentinels / 2) + 1}`,
        `sentinel down-after-milliseconds ${name} 500`,
        `sentinel failover-timeout ${name} 2000`,
      ]
      await writeFile(config, `${lines.join('\n')}\n`)
      const ready = () => says(port, /PONG/, 'PING')
      const program = { command: 'redis-server', args: [config, '--sentinel'], log: join(home, 'sentinel.log') }
      const child = await startChild({ ...program, ready, limit }, keeper)
      await must(port, 'SENTINEL', 'DEBUG', ...hurry)
      return { port, child }
    })

  const first = await startServer(join(dir, 'redis-1'), null)
  const servers = [first, await startServer(join(dir, 'redis-2'), first.port)]
  const watchers = await Promise.all(
    Array.from({ length: sentinels }, (_, i) => startSentinel(join(dir, `sentinel-${i + 1}`), first.port)),
  )
  const ports = watchers.map(({ port }) => port)

  async function master(): Promise<number> {
    const found = await until(async () => {
      const answers = await Promise.all(ports.map((port) => ask(port, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name)))
      const named = answers.map((answer) => address.safeParse(answer).data?.[1])
      return named.every((port) => port === named[0]) ? named[0] : undefined
    }, limit)
    if (found === undefined) throw failed('the sentinels do not agree on a master')
    return found
  }

  /** Every sentinel sees a master and a replica of this priority that follows it, and all the other sentinels. */
  async function whole(rank = priority.usual): Promise<void> {
    const good = await until(async () => {
      const port = await master()
      if (!(await says(port, /connected_slaves:1\s.*state=online/s, 'INFO', 'replication'))) return undefined
      const seen = await Promise.all(ports.map((sentinel) => knowsAll(sentinel, port, sentinels - 1, rank)))
      return seen.every((ok) => ok) || undefined
    }, limit)
    if (!good) throw failed('the replica does not follow, or the sentinels do not see it')
  }

  async function serverOf(port: number): Promise<Server> {
    const found = servers.find((server) => server.port === port)
    if (found === undefined) throw failed(`no server of ours has the port ${port}`)
    return found
  }

  await whole()
  return {
    url: (shown = ports) => `redis+sentinel://${shown.map((port) => `${host}:${port}`).join(',')}/${name}`,
    sentinels: ports,
    master,
    async killMaster() {
      const { child } = await serverOf(await master())
      child.kill('SIGKILL')
      await child.exited
    },
    async failOver() {
      await must(ports[0] ?? 0, 'SENTINEL', 'FAILOVER', name)
    },
    async mend() {
      for (const server of servers) {
        // One that lives may miss a second: waiting for its end would have none.
        const answers = until(() => says(server.port, /PONG/, 'PING'), limit).then(() => false)
        if (!(await Promise.race([server.child.exited.then(() => true), answers]))) continue
        const other = await until(async () => ((await master()) === server.port ? undefined : master()), limit)
        if (other === undefined) throw failed('the sentinels stay with the server that is gone')
        // It may have been away for long. A master that stands still for a second must not be replaced by one that has nothing newer yet.
        server.child = await run(server.port, server.dir, other, priority.notYet)
        await whole(priority.notYet)
        await must(server.port, 'CONFIG', 'SET', 'replica-priority', String(priority.usual))
      }
      await whole()
    },
    async stop() {
      const children = [...watchers, ...servers].map(({ child }) => child)
      for (const child of children) child.kill('SIGKILL')
      await Promise.all(children.map((child) => child.exited))
    },
  }
}

/** Redis takes `--replicaof HOST PORT` as two words, and an empty value as one. */
function words(value: string | number): readonly string[] {
  return value === '' ? [''] : String(value).split(' ')
}

function failed(output: string): SlipwayError {
  return new SlipwayError('sandbox-start-failed', { name: 'Redis with sentinels', output, code: null })
}

async function knowsAll(sentinel: number, master: number, others: number, rank: number): Promise<boolean> {
  const list = z.array(z.unknown()).safeParse(await ask(sentinel, 'SENTINEL', 'MASTER', name)).data ?? []
  const of = (fields: readonly unknown[], key: string) => fields[fields.indexOf(key) + 1]
  const replicas = z.array(z.array(z.unknown())).safeParse(await ask(sentinel, 'SENTINEL', 'REPLICAS', name)).data ?? []
  const isGood = (replica: readonly unknown[]) =>
    of(replica, 'flags') === 'slave' &&
    of(replica, 'master-link-status') === 'ok' &&
    of(replica, 'slave-priority') === String(rank)
  const known = of(list, 'port') === String(master) && of(list, 'flags') === 'master'
  return known && replicas.some(isGood) && of(list, 'num-other-sentinels') === String(others)
}

async function says(port: number, words: RegExp, ...command: [string, ...string[]]): Promise<true | undefined> {
  return words.test(String(await ask(port, ...command))) || undefined
}

/** One command's answer; undefined when there is none. */
async function ask(port: number, ...command: [string, ...string[]]): Promise<unknown> {
  return call(port, 1_000, ...command).catch(() => undefined)
}

/** For what is asked once: it takes as long as it takes, but not for ever. */
const must = (port: number, ...command: [string, ...string[]]) => call(port, limit, ...command)

async function call(
  port: number,
  commandTimeout: number,
  ...[command, ...rest]: [string, ...string[]]
): Promise<unknown> {
  const client = new Redis({ host, port, lazyConnect: true, commandTimeout, retryStrategy: () => null })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await client.call(command, ...rest)
  } finally {
    client.disconnect()
  }
}

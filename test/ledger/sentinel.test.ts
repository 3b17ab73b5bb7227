import { readFileSync } from 'node:fs'
import { Queue, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { afterEach, expect, test, vi } from 'vitest'
import { connect } from '../../src/ledger/connect.ts'
import { countReplicas, createDurable } from '../../src/ledger/durable.ts'
import { keysOf } from '../../src/ledger/keys.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { fromRedis } from '../../src/ledger/redis.ts'
import { createRedisLedger } from '../../src/ledger/redis-ledger.ts'
import { type Event, schemaVersion } from '../../src/rollout/events.ts'
import { type RedisWithSentinels, redisWithSentinels, type SentinelOptions } from './redis-with-sentinels.ts'

vi.setConfig({ testTimeout: 240_000 })

const open: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

async function world(options?: SentinelOptions) {
  const redis = await redisWithSentinels(options)
  open.push(() => redis.stop())
  return redis
}

async function client(url: string, use: 'calls' | 'worker' = 'calls'): Promise<Redis> {
  const redis = connect(url, use)
  open.push(() => redis.disconnect())
  if (use === 'calls') await redis.connect()
  return redis
}

/** Stops a process in its tracks; its connections stay open and say nothing. */
async function freeze(server: RedisWithSentinels['servers'][number] | undefined): Promise<void> {
  server?.child.kill('SIGSTOP')
  await expect.poll(() => readFileSync(`/proc/${server?.child.pid}/stat`, 'utf8')).toMatch(/\) T /)
}

/** A failover takes some seconds, and begins anew where the machine was too busy for it. */
const patience = { timeout: 90_000, interval: 100 }

const failedOver = ({ master, servers }: RedisWithSentinels) => expect.poll(master, patience).toBe(servers[1]?.port)

/** Calls fail within a second: this many times that still tells a call that fails from one that hangs. */
const hangs = 15_000

const event = (version: number): Event => ({
  ...{ v: schemaVersion, service: 's', rollout: 1, version, at: version, command: `c${version}` },
  ...{ type: 'resumed', by: { id: 'U1', name: 'Sam', via: 'slack' } },
})

/** Whoever appends asks again: a machine that is busy may miss the second within which Redis answers, and then nobody knows. */
const append = (ledger: Ledger, version: number, proven: () => Promise<void> = async () => undefined) =>
  expect
    .poll(async () => {
      await ledger.append(1, version - 1, [event(version)], true)
      await proven()
      return (await ledger.read(1, version - 1))[0]?.version
    }, patience)
    .toBe(version)

/** Writes to the master, and waits until its replica has it. */
const written = (redis: Redis, value: string) =>
  expect
    .poll(async () => {
      await redis.set('key', value)
      return redis.wait(1, 500)
    }, patience)
    .toBe(1)

const isDurable = (durable: () => Promise<void>) =>
  expect.poll(() => durable().then(() => 'durable', String), patience).toBe('durable')

test('after the master was killed the same client goes on with the new one, and nothing that was durable is lost', async () => {
  const servers = await world()
  const redis = await client(servers.url)
  const ledger = createRedisLedger(redis, 's', keysOf('s'))
  const durable = createDurable(redis, servers.url, 'durable', () => performance.now())
  await expect.poll(async () => countReplicas(await redis.info('replication')), patience).toBe(1)
  for (let version = 1; version <= 50; version++) await append(ledger, version, durable)
  const begin = performance.now()
  servers.servers[0]?.child.kill('SIGKILL')
  // At once: a moment later there may be a new master.
  await expect(ledger.latest()).rejects.toMatchObject({ code: 'ledger-unavailable' })
  expect(performance.now() - begin).toBeLessThan(hangs)

  await expect.poll(() => ledger.read(1, 0), patience).toHaveLength(50)
  // It is alone now: what it takes counts once the sentinels have named it.
  await append(ledger, 51, durable)
  await expect.poll(() => ledger.read(1, 49), patience).toMatchObject([{ version: 50 }, { version: 51 }])
})

test('a master that hangs: calls fail within their second, then go on with the new one; nothing is written later', async () => {
  const servers = await world({ sentinels: 3 })
  const redis = await client(servers.url)
  await written(redis, 'before')
  await freeze(servers.servers[0])
  const begin = performance.now()
  await expect(fromRedis(() => redis.set('key', 'too late'))).rejects.toMatchObject({ code: 'ledger-unavailable' })
  expect(performance.now() - begin).toBeLessThan(hangs)
  await failedOver(servers)
  await expect.poll(() => redis.get('key'), patience).toBe('before')
  servers.servers[0]?.child.kill('SIGCONT')
  // The old master becomes a replica of the new one; the client stays with the master.
  await expect.poll(() => redis.info('replication'), patience).toMatch(/connected_slaves:1/)
  await expect.poll(() => redis.get('key'), patience).toBe('before')
})

test('while the only replica hangs an append is not durable, and says so in time; other calls are still answered', async () => {
  const servers = await world()
  const redis = await client(servers.url)
  const durable = createDurable(redis, servers.url, 'durable', () => performance.now())
  await expect.poll(async () => countReplicas(await redis.info('replication')), patience).toBe(1)
  await isDurable(durable)
  await freeze(servers.servers[1])
  const begin = performance.now()
  const proofs: string[] = []
  const meanwhile = async () => {
    const [first, second, other] = await Promise.allSettled([durable(), durable(), redis.set('key', '2')])
    proofs.push(first.status, second.status)
    return other.status
  }
  // Shorter than what makes a replica that is silent count as gone.
  await expect.poll(meanwhile, { timeout: 8_000 }).toBe('fulfilled')
  expect(new Set(proofs)).toEqual(new Set(['rejected']))
  expect(performance.now() - begin).toBeLessThan(hangs)
  servers.servers[1]?.child.kill('SIGCONT')
  await isDurable(durable)
})

test('what another process has appended, and may be lost yet, is not read until a replica has it', async () => {
  const servers = await world()
  const redis = await client(servers.url)
  const durable = createDurable(redis, servers.url, 'durable', () => performance.now())
  const reader = createRedisLedger(redis, 's', keysOf('s'), durable)
  const appender = createRedisLedger(await client(servers.url), 's', keysOf('s'))
  await append(appender, 1)
  await expect.poll(() => reader.read(1, 0), patience).toHaveLength(1)
  await freeze(servers.servers[1])
  await append(appender, 2)
  await expect(reader.read(1, 0)).rejects.toMatchObject({ code: 'ledger-unavailable' })
  servers.servers[1]?.child.kill('SIGCONT')
  await expect.poll(() => reader.read(1, 0), patience).toHaveLength(2)
})

test('a connection that is lost before the answer proves nothing', async () => {
  const servers = await world()
  const redis = await client(servers.url)
  const durable = createDurable(redis, servers.url, 'durable', () => performance.now())
  await isDurable(durable)
  const asked = durable()
  redis.disconnect(true)
  await expect(asked).rejects.toMatchObject({ code: 'ledger-unavailable' })
  await isDurable(durable)
})

test('calls at the same time share a look, and none of them an earlier one', async () => {
  const servers = await world()
  const redis = await client(servers.url)
  const durable = createDurable(redis, servers.url, 'durable', () => performance.now())
  await isDurable(durable)
  const waits = async () => Number(/cmdstat_wait:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0)
  const looks = async () => {
    const before = await waits()
    await Promise.all(Array.from({ length: 20 }, () => durable()))
    return (await waits()) - before
  }
  await expect.poll(looks, patience).toBe(2)
})

test('workers of queues go on after a failover', async () => {
  const servers = await world()
  const queue = new Queue('q', { connection: await client(servers.url) })
  const seen: string[] = []
  const worker = new Worker('q', async (job) => void seen.push(job.name), {
    connection: await client(servers.url, 'worker'),
  })
  queue.on('error', () => undefined)
  worker.on('error', () => undefined)
  open.push(() => worker.close(true))
  const add = (name: string) =>
    expect.poll(() => queue.add(name, {}, { jobId: name }).then(() => 'added'), patience).toBe('added')
  await add('before')
  await expect.poll(() => seen, patience).toContain('before')
  servers.servers[0]?.child.kill('SIGKILL')
  await failedOver(servers)
  await add('after')
  await expect.poll(() => seen, patience).toContain('after')
})

test.each([true, false])(
  'a password opens Redis, and the sentinels whether they ask for it (%s) or not',
  async (asks) => {
    const servers = await world({ password: 's3cret', sentinelsAsk: asks })
    const redis = await client(`${servers.url}/3`)
    await written(redis, '1')
    await expect.poll(() => redis.get('key'), patience).toBe('1')
    const plain = connect(servers.url.replace(':s3cret@', ''), 'calls')
    open.push(() => plain.disconnect())
    await expect(fromRedis(() => plain.get('key'))).rejects.toMatchObject({ code: 'ledger-unavailable' })
  },
)

test('no sentinel answers: calls fail at once, and the client goes on when one is there', async () => {
  const servers = await world()
  const sentinel = servers.sentinels[0]
  await freeze(sentinel)
  const redis = connect(servers.url, 'calls')
  open.push(() => redis.disconnect())
  redis.connect().catch(() => undefined)
  await expect(fromRedis(() => redis.get('key'))).rejects.toMatchObject({ code: 'ledger-unavailable' })
  sentinel?.child.kill('SIGCONT')
  await expect.poll(() => redis.get('key'), patience).toBeNull()
})

test('a client that the library has given up while it asked the sentinels comes back', async () => {
  const servers = await world()
  const redis = await client(servers.url)
  redis.disconnect(true)
  await new Promise((resolve) => redis.once('reconnecting', resolve))
  await new Promise((resolve) => redis.once('connecting', resolve))
  // What the failover detector does when the news comes in this very moment.
  redis.disconnect(true)
  await new Promise((resolve) => redis.once('end', resolve))
  await expect.poll(() => redis.get('key'), patience).toBeNull()
})

test.each([
  ['role:master\r\nconnected_slaves:0\r\n', 0],
  ['connected_slaves:1\r\nslave0:ip=10.0.0.1,port=6379,state=online,offset=42,lag=1\r\n', 1],
  ['connected_slaves:1\r\nslave0:ip=10.0.0.1,port=6379,state=wait_bgsave,offset=0,lag=0\r\n', 0],
  ['connected_slaves:1\r\nslave0:ip=10.0.0.1,port=6379,state=online,offset=42,lag=11\r\n', 0],
  ['connected_slaves:1\r\nslave0:ip=10.0.0.1,port=6379,state=online,offset=0,lag=0\r\n', 0],
  ['slave0:ip=a,port=1,state=online,offset=4,lag=60\r\nslave1:ip=b,port=1,state=online,offset=4,lag=0\r\n', 1],
  ['slave0:ip=a,port=1,state=online,offset=4,lag=1\r\nslave1:ip=b,port=1,state=online,offset=3,lag=0\r\n', 2],
])('%j has %s replicas', (info, expected) => expect(countReplicas(info)).toBe(expected))

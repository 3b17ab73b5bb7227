import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { startKeeper } from '../../../src/sandbox/keeper.ts'
import { type RedisSet, startRedisSet } from '../../../src/sandbox/sentinel.ts'
import { seededRandom } from '../../../src/sandbox/service/random.ts'
import { Teardown } from '../../../src/sandbox/teardown.ts'
import { startWorld, type World } from '../../../src/sandbox/world.ts'
import { writeFiles } from './files.ts'
import { startLinks } from './links.ts'
import { createSlot, type Slot } from './slot.ts'

/** A world with two Slipway processes, each with its own way to everything, in which one run follows the other. */
export interface Lane {
  readonly world: World
  readonly slots: { readonly a: Slot; readonly b: Slot }
  /** Null where a single Redis does it. */
  readonly set: RedisSet | null
  /** Past all proxies, to the master: to look, never to change. */
  readonly redis: Redis
  stop(): Promise<void>
}

/** Starts a lane, and waits until both processes are ready. @throws SlipwayError `sandbox-…`. */
export async function startLane(number: number, sentinels: boolean): Promise<Lane> {
  const teardown = new Teardown()
  try {
    return await build(number, sentinels, teardown)
  } catch (error) {
    await teardown.run()
    throw error
  }
}

async function build(number: number, sentinels: boolean, teardown: Teardown): Promise<Lane> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-chaos-'))
  teardown.add(() => rm(dir, { recursive: true, force: true }))
  const keeper = startKeeper(dir)
  teardown.add(() => keeper.finish())
  const kubeconfig = process.env.SLIPWAY_TEST_KUBECONFIG
  const files = await writeFiles(dir, `chaos-${process.pid}-${number}`)
  const world = await startWorld({
    ...files,
    speed: 1,
    slipway: false,
    scrapeInterval: 250,
    seed: number,
    ...(kubeconfig && { kubeconfig }),
  })
  teardown.add(() => world.stop())
  const set = sentinels ? await startRedisSet(dir, keeper) : null
  if (set !== null) teardown.add(() => set.stop())

  const slot = async (name: 'a' | 'b'): Promise<Slot> => {
    const random = seededRandom(number * 2 + (name === 'a' ? 0 : 1))
    const links = await startLinks(world, set, join(dir, `kubeconfig-${name}`), random)
    teardown.add(() => links.close())
    const made = await createSlot({ name, dir, config: world.configFile, links, keeper })
    teardown.add(() => made.stop())
    await made.start()
    return made
  }
  const slots = { a: await slot('a'), b: await slot('b') }
  const redis = connect(world, set)
  teardown.add(() => redis.disconnect())
  await Promise.all([slots.a.ready(60_000), slots.b.ready(60_000)])
  return { world, slots, set, redis, stop: () => teardown.run() }
}

function connect(world: World, set: RedisSet | null): Redis {
  const patience = { maxRetriesPerRequest: 0, commandTimeout: 1_000, connectTimeout: 1_000, retryStrategy: () => 100 }
  const sentinels = set?.sentinels.map((port) => ({ host: '127.0.0.1', port }))
  const redis =
    sentinels === undefined
      ? new Redis(world.redis.url, patience)
      : new Redis({ ...patience, sentinels, name: 'slipway', sentinelRetryStrategy: () => 100, failoverDetector: true })
  // Whoever asks while it is away asks again.
  redis.on('error', () => undefined)
  return redis
}

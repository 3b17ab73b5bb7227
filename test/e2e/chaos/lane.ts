import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
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
  /** Past all proxies, to whoever is master: to look, never to change. Null while nobody answers. */
  ask<T>(question: (redis: Redis) => Promise<T>): Promise<T | null>
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
  const files = await writeFiles(
    dir,
    basename(dir)
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]/g, 'x'),
  )
  const world = await startWorld({
    ...files,
    speed: 1,
    slipway: false,
    scrapeInterval: 250,
    // At Slack's own pace most of a run would be waiting for the thread.
    slackPace: 5,
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
  const asking = createAsking(async () => (set === null ? Number(new URL(world.redis.url).port) : set.master()))
  teardown.add(() => asking.close())
  await Promise.all([slots.a.ready(60_000), slots.b.ready(60_000)])
  return { world, slots, set, ask: asking.ask, stop: () => teardown.run() }
}

/** Asks over one connection, and over a new one to the present master once that failed. */
function createAsking(port: () => Promise<number>) {
  let connected: Redis | null = null
  return {
    async ask<T>(question: (redis: Redis) => Promise<T>): Promise<T | null> {
      try {
        connected ??= await connectTo(await port())
        return await question(connected)
      } catch {
        connected?.disconnect()
        connected = null
        return null
      }
    },
    close: () => connected?.disconnect(),
  }
}

async function connectTo(port: number): Promise<Redis> {
  const patience = { commandTimeout: 1_000, connectTimeout: 1_000, maxRetriesPerRequest: 0, retryStrategy: () => null }
  const redis = new Redis({ port, host: '127.0.0.1', lazyConnect: true, ...patience })
  redis.on('error', () => undefined)
  await redis.connect()
  return redis
}

import type { Redis } from 'ioredis'
import { z } from 'zod'
import type { Projection } from '../rollout/effects.ts'
import type { Keys } from './keys.ts'
import { fromRedis } from './redis.ts'

/** How far a projection of a rollout is. */
export interface Cursor {
  /** Version of the last event that is done. */
  readonly done: number
  /** Version of an event that was begun: when it is not done either, its outcome is unknown and must be looked up. */
  readonly begun: number
  /** When that event was begun, in ms. */
  readonly begunAt: number
}

/** What projections remember of a rollout: a cursor each, and where its messages stand in Slack. */
export interface Cursors {
  get(rollout: number, projection: Projection): Promise<Cursor>
  begin(rollout: number, projection: Projection, version: number, at: number): Promise<void>
  finish(rollout: number, projection: Projection, version: number): Promise<void>
  /** A small note under a name (a message's timestamp, for instance). */
  note(rollout: number, name: string): Promise<string | null>
  keep(rollout: number, name: string, value: string): Promise<void>
}

const version = z.coerce.number().int()

export function createCursors(redis: Redis, keys: Keys): Cursors {
  const read = async (rollout: number, field: string) =>
    version.parse((await redis.hget(keys.cursors(rollout), field)) ?? 0)
  const write = async (rollout: number, field: string, value: string | number) => {
    await fromRedis(() => redis.hset(keys.cursors(rollout), field, value))
  }
  return {
    get: (rollout, projection) =>
      fromRedis(async () => ({
        done: await read(rollout, `${projection}:done`),
        begun: await read(rollout, `${projection}:begun`),
        begunAt: await read(rollout, `${projection}:begunAt`),
      })),
    async begin(rollout, projection, begun, at) {
      const fields = { [`${projection}:begun`]: begun, [`${projection}:begunAt`]: at }
      await fromRedis(() => redis.hset(keys.cursors(rollout), fields))
    },
    finish: (rollout, projection, at) => write(rollout, `${projection}:done`, at),
    note: (rollout, name) => fromRedis(() => redis.hget(keys.cursors(rollout), `note:${name}`)),
    keep: (rollout, name, value) => write(rollout, `note:${name}`, value),
  }
}

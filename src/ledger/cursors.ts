import type { Redis } from 'ioredis'
import { z } from 'zod'
import type { Projection } from '../rollout/effects.ts'
import type { Keys } from './keys.ts'
import { fromRedis } from './redis.ts'

const present = `local function present(field) return tonumber(redis.call('HGET', KEYS[1], ARGV[1] .. field) or '0') end`
const beginScript = `${present}
local begun, at = tonumber(ARGV[2]), tonumber(ARGV[3])
if begun > present(':begun') or (begun == present(':begun') and at > present(':begunAt')) then
  redis.call('HSET', KEYS[1], ARGV[1] .. ':begun', begun, ARGV[1] .. ':begunAt', ARGV[3])
end
return 1`
const undoScript = `${present}
if present(':begun') == tonumber(ARGV[2]) and present(':begunAt') == tonumber(ARGV[3]) then
  redis.call('HSET', KEYS[1], ARGV[1] .. ':begun', ARGV[4], ARGV[1] .. ':begunAt', ARGV[5])
end
return 1`
const finishScript = `${present}
local event = redis.call('LINDEX', KEYS[2], tonumber(ARGV[2]) - 1)
if event and string.find(event, ARGV[3], 1, true) and tonumber(ARGV[2]) > present(':done') then
  redis.call('HSET', KEYS[1], ARGV[1] .. ':done', ARGV[2])
end
return redis.call('LLEN', KEYS[2])`

/** How far a projection of a rollout is. */
export interface Cursor {
  /** Version of the last event that is done. */
  readonly done: number
  /** Version of an event that was begun: when it is not done either, its outcome is unknown and must be looked up. */
  readonly begun: number
  /** When that event was begun, in ms. */
  readonly begunAt: number
}

/** An event as far as a cursor needs it. */
export interface CursorEvent {
  readonly version: number
  /** Absent in ledgers that were written before there were chains. */
  readonly hash?: string
}

/** What projections remember of a rollout: a cursor each, and where its messages stand in Slack. */
export interface Cursors {
  get(rollout: number, projection: Projection): Promise<Cursor>
  /** Version of the last event that is done, of each of these. */
  done(rollout: number, projections: readonly Projection[]): Promise<readonly number[]>
  /** Only ever raises: a process that stood still for a while changes nothing of what its successor has begun. */
  begin(rollout: number, projection: Projection, version: number, at: number): Promise<void>
  /** Takes back one's own `begin(version, at)`, whose act was refused; `before` is what stood there. */
  undo(
    rollout: number,
    projection: Projection,
    begun: { readonly version: number; readonly at: number },
    before: Pick<Cursor, 'begun' | 'begunAt'>,
  ): Promise<void>
  /**
   * Only ever raises, too; and only for an event that the ledger holds: one that is lost (Redis came back older or empty while
   * this call was on its way) would leave those that came in its place untold. Returns the version of the ledger's last event.
   */
  finish(rollout: number, projection: Projection, last: CursorEvent): Promise<number>
  /** A small note under a name (a message's timestamp, for instance). */
  note(rollout: number, name: string): Promise<string | null>
  keep(rollout: number, name: string, value: string): Promise<void>
}

const version = z.coerce.number().int()

/** `durable` resolves when what was begun will outlive the loss of this Redis: a lost beginning would be told twice. */
export function createCursors(redis: Redis, keys: Keys, durable: () => Promise<void> = async () => undefined): Cursors {
  const write = async (rollout: number, field: string, value: string | number) => {
    await fromRedis(() => redis.hset(keys.cursors(rollout), field, value))
  }
  return {
    get: (rollout, projection) =>
      fromRedis(async () => {
        const fields = ['done', 'begun', 'begunAt'].map((field) => `${projection}:${field}`)
        const [done, begun, begunAt] = await redis.hmget(keys.cursors(rollout), ...fields)
        return {
          done: version.parse(done ?? 0),
          begun: version.parse(begun ?? 0),
          begunAt: version.parse(begunAt ?? 0),
        }
      }),
    done: (rollout, projections) =>
      fromRedis(async () => {
        const fields = projections.map((projection) => `${projection}:done`)
        return (await redis.hmget(keys.cursors(rollout), ...fields)).map((done) => version.parse(done ?? 0))
      }),
    async begin(rollout, projection, begun, at) {
      await fromRedis(() => redis.eval(beginScript, 1, keys.cursors(rollout), projection, begun, at))
      await durable()
    },
    async undo(rollout, projection, own, before) {
      const values = [own.version, own.at, before.begun, before.begunAt]
      await fromRedis(() => redis.eval(undoScript, 1, keys.cursors(rollout), projection, ...values))
    },
    finish: (rollout, projection, { version: done, hash = '' }) =>
      fromRedis(async () =>
        version.parse(
          await redis.eval(finishScript, 2, keys.cursors(rollout), keys.events(rollout), projection, done, hash),
        ),
      ),
    note: (rollout, name) => fromRedis(() => redis.hget(keys.cursors(rollout), `note:${name}`)),
    keep: (rollout, name, value) => write(rollout, `note:${name}`, value),
  }
}

import type { Cursor, Cursors } from '../../../src/ledger/cursors.ts'
import type { Projection } from '../../../src/rollout/effects.ts'
import type { SimulatedProcess } from '../process.ts'
import { callRedis } from './call.ts'
import type { Redis } from './data.ts'

const none: Cursor = { done: 0, begun: 0, begunAt: 0 }

export function createCursors(redis: Redis, process: SimulatedProcess): Cursors {
  const keyOf = (rollout: number, projection: Projection) => `${rollout}/${projection}`
  const cursorOf = (key: string): Cursor => redis.data.cursors.get(key) ?? none
  const set = (key: string, cursor: Cursor) => void redis.data.cursors.set(key, cursor)
  return {
    get: (rollout, projection) => callRedis(process, 'cursor', () => cursorOf(keyOf(rollout, projection))),
    done: (rollout, names) =>
      callRedis(process, 'cursors', () => names.map((name) => cursorOf(keyOf(rollout, name)).done)),
    begin: (rollout, projection, version, at) =>
      callRedis(process, `begin ${rollout}/${projection} ${version}`, () => {
        const key = keyOf(rollout, projection)
        const present = cursorOf(key)
        if (version < present.begun || (version === present.begun && at <= present.begunAt)) return
        set(key, { ...present, begun: version, begunAt: at })
      }),
    undo: (rollout, projection, own, before) =>
      callRedis(process, `undo ${rollout}/${projection} ${own.version}`, () => {
        const key = keyOf(rollout, projection)
        const present = cursorOf(key)
        if (present.begun === own.version && present.begunAt === own.at) set(key, { ...present, ...before })
      }),
    finish: (rollout, projection, { version: done, hash }) =>
      callRedis(process, `cursor ${rollout}/${projection}:done=${done}`, () => {
        const events = redis.data.events.get(rollout) ?? []
        const key = keyOf(rollout, projection)
        const present = cursorOf(key)
        const event = events[done - 1]
        if (event !== undefined && event.hash === hash && done > present.done) set(key, { ...present, done })
        return events.length
      }),
    note: (rollout, name) => callRedis(process, 'note', () => redis.data.notes.get(`${rollout}/${name}`) ?? null),
    keep: (rollout, name, value) =>
      callRedis(process, `note ${rollout}/${name}=${value}`, () => {
        redis.data.notes.set(`${rollout}/${name}`, value)
      }),
  }
}

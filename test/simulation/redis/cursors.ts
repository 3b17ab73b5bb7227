import type { Cursor, Cursors } from '../../../src/ledger/cursors.ts'
import type { Projection } from '../../../src/rollout/effects.ts'
import type { SimulatedProcess } from '../process.ts'
import { callRedis } from './call.ts'
import type { Redis } from './data.ts'

export function createCursors(redis: Redis, process: SimulatedProcess): Cursors {
  const read = (rollout: number, field: string) => redis.data.cursors.get(`${rollout}/${field}`) ?? null
  const write = (rollout: number, field: string, value: string | number) =>
    callRedis(process, `cursor ${rollout}/${field}=${value}`, () => {
      redis.data.cursors.set(`${rollout}/${field}`, String(value))
    })
  const field = (rollout: number, projection: Projection, name: keyof Cursor) =>
    Number(read(rollout, `${projection}:${name}`) ?? 0)
  const cursorOf = (rollout: number, projection: Projection): Cursor => ({
    done: field(rollout, projection, 'done'),
    begun: field(rollout, projection, 'begun'),
    begunAt: field(rollout, projection, 'begunAt'),
  })
  const set = (rollout: number, projection: Projection, change: Partial<Cursor>) => {
    for (const [name, value] of Object.entries(change))
      redis.data.cursors.set(`${rollout}/${projection}:${name}`, String(value))
  }
  return {
    get: (rollout, projection) => callRedis(process, 'cursor', () => cursorOf(rollout, projection)),
    begin: (rollout, projection, version, at) =>
      callRedis(process, `begin ${rollout}/${projection} ${version}`, () => {
        const present = cursorOf(rollout, projection)
        if (version < present.begun || (version === present.begun && at <= present.begunAt)) return
        set(rollout, projection, { begun: version, begunAt: at })
      }),
    undo: (rollout, projection, own, before) =>
      callRedis(process, `undo ${rollout}/${projection} ${own.version}`, () => {
        const { begun, begunAt } = cursorOf(rollout, projection)
        if (begun === own.version && begunAt === own.at) set(rollout, projection, before)
      }),
    finish: (rollout, projection, done) =>
      callRedis(process, `cursor ${rollout}/${projection}:done=${done}`, () => {
        if (done > cursorOf(rollout, projection).done) set(rollout, projection, { done })
      }),
    note: (rollout, name) => callRedis(process, 'note', () => read(rollout, `note:${name}`)),
    keep: (rollout, name, value) => write(rollout, `note:${name}`, value),
  }
}

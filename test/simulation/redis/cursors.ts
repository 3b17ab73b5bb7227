import type { Cursors } from '../../../src/ledger/cursors.ts'
import type { SimulatedProcess } from '../process.ts'
import { callRedis } from './call.ts'
import type { Redis } from './data.ts'

export function createCursors(redis: Redis, process: SimulatedProcess): Cursors {
  const read = (rollout: number, field: string) => redis.data.cursors.get(`${rollout}/${field}`) ?? null
  const write = (rollout: number, field: string, value: string | number) =>
    callRedis(process, `cursor ${rollout}/${field}=${value}`, () => {
      redis.data.cursors.set(`${rollout}/${field}`, String(value))
    })
  return {
    get: (rollout, projection) =>
      callRedis(process, 'cursor', () => ({
        done: Number(read(rollout, `${projection}:done`) ?? 0),
        begun: Number(read(rollout, `${projection}:begun`) ?? 0),
      })),
    begin: (rollout, projection, version) => write(rollout, `${projection}:begun`, version),
    finish: (rollout, projection, version) => write(rollout, `${projection}:done`, version),
    note: (rollout, name) => callRedis(process, 'note', () => read(rollout, `note:${name}`)),
    keep: (rollout, name, value) => write(rollout, `note:${name}`, value),
  }
}

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
        begunAt: Number(read(rollout, `${projection}:begunAt`) ?? 0),
      })),
    begin: (rollout, projection, version, at) =>
      callRedis(process, `begin ${rollout}/${projection} ${version}`, () => {
        redis.data.cursors.set(`${rollout}/${projection}:begun`, String(version))
        redis.data.cursors.set(`${rollout}/${projection}:begunAt`, String(at))
      }),
    finish: (rollout, projection, version) => write(rollout, `${projection}:done`, version),
    note: (rollout, name) => callRedis(process, 'note', () => read(rollout, `note:${name}`)),
    keep: (rollout, name, value) => write(rollout, `note:${name}`, value),
  }
}

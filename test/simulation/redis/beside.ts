import type { Beside } from '../../../src/ledger/beside.ts'
import { readingsKept } from '../../../src/rollout/analysis.ts'
import type { SimulatedProcess } from '../process.ts'
import type { Witness } from '../witness.ts'
import { callRedis } from './call.ts'
import type { Redis } from './data.ts'

export function createBeside(redis: Redis, process: SimulatedProcess, witness: Witness): Beside {
  const call = <T>(name: string, act: () => T) => callRedis(process, name, act)
  return {
    readings: (rollout, phase) =>
      call('readings', () => (redis.data.readings.get(rollout) ?? []).filter((r) => r.phase === phase)),
    record: (rollout, soak, taken, counted, interval) =>
      call('record', () => {
        const { readings, observed } = redis.data
        const before = readings.get(rollout) ?? []
        const key = `${rollout}/${soak}`
        const last = before.at(-1)
        if (last !== undefined && last.at > taken.at - interval / 2) return observed.get(key) ?? 0
        readings.set(rollout, [...before, taken].slice(-readingsKept))
        const fresh = Math.min(Math.round(counted), last === undefined ? counted : taken.at - last.at)
        const sum = (observed.get(key) ?? 0) + Math.max(0, Math.floor(fresh))
        observed.set(key, sum)
        witness.looked(process.name, rollout, taken, fresh)
        return sum
      }),
    observed: (rollout, soak) => call('observed', () => redis.data.observed.get(`${rollout}/${soak}`) ?? 0),
    alert: (rollout, title, fingerprint, at) =>
      call('alert', () => {
        const { alerts } = redis.data
        const others = new Map(alerts.get(rollout))
        if (at === null) others.delete(`${title} ${fingerprint}`)
        else others.set(`${title} ${fingerprint}`, { title, at })
        alerts.set(rollout, others)
      }),
    alertFired: (rollout, of) =>
      call('alertFired', () => {
        const alerts = [...(redis.data.alerts.get(rollout)?.values() ?? [])]
        const fired = alerts.filter(({ title }) => of === undefined || title === of)
        return fired.length === 0 ? null : Math.max(...fired.map(({ at }) => at))
      }),
    hear: (at) =>
      call('hear', () => {
        redis.data.heard = at
      }),
    heard: () => call('heard', () => redis.data.heard),
  }
}

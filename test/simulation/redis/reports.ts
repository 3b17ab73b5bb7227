import type { Reports } from '../../../src/ledger/reports.ts'
import type { SimulatedProcess } from '../process.ts'
import { callRedis } from './call.ts'
import type { Redis } from './data.ts'

export function createReports(redis: Redis, process: SimulatedProcess): Reports {
  return {
    save: (report) =>
      callRedis(process, 'save report', () => {
        redis.data.reports.set(report.version, report)
        redis.data.newestReport = report.version
      }),
    find: (version) => callRedis(process, 'find report', () => redis.data.reports.get(version) ?? null),
    keep: (rollout, report) =>
      callRedis(process, 'keep report', () => {
        if (!redis.data.startedOn.has(rollout)) redis.data.startedOn.set(rollout, report)
      }),
    startedOn: (rollout) => callRedis(process, 'report of a start', () => redis.data.startedOn.get(rollout) ?? null),
    newestVersion: () => callRedis(process, 'newest report', () => redis.data.newestReport),
  }
}

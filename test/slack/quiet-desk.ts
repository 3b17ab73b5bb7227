import type { Reports } from '../../src/ledger/reports.ts'
import type { Desk } from '../../src/slack/answer.ts'
import type { FakeWorld } from '../jobs/fake-world.ts'
import { sampleReport } from '../readiness/sample-report.ts'

/** Holds a passing report of version 5.1.0 for long enough. */
export const onReport: Reports = {
  save: async () => undefined,
  find: async () => sampleReport('5.1.0', 9_000_000),
  newestVersion: async () => '5.1.0',
  keep: async () => undefined,
  startedOn: async () => null,
}

/** A desk whose answers come from the world alone: it starts no readiness and tells nobody of a lock. */
export function quietDesk(world: FakeWorld): Desk {
  return {
    world,
    reports: onReport,
    startReadiness: async () => undefined,
    tellLock: async () => undefined,
    away: () => [],
  }
}

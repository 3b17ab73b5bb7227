import type { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { keysOf } from '../../src/ledger/keys.ts'
import { createReports } from '../../src/ledger/reports.ts'
import { changesSince } from '../../src/readiness/changes.ts'
import { sampleFinding, sampleReport } from '../readiness/sample-report.ts'
import { useRedis } from './use-redis.ts'

let redis: Redis
useRedis((client) => {
  redis = client
})

test('a rollout that is open across an upgrade keeps the report it was started on: what warned then is no change', async () => {
  const now = sampleReport('5.1.0', 9_000_000, [sampleFinding('There is a backup', 'warn')])
  const keys = keysOf(now.service)
  const { configuration, ...earlier } = now
  await redis.set(keys.startedOn(1), JSON.stringify(earlier))
  const before = await createReports(redis, keys).startedOn(1)
  expect(before).toEqual(earlier)
  expect(changesSince(before, now)).toEqual([])
})

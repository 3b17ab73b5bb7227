import { expect, test } from 'vitest'
import { createRecheck } from '../../src/jobs/recheck.ts'
import type { ReadinessRequest } from '../../src/readiness/readiness.ts'
import type { ReadinessReport } from '../../src/readiness/report.ts'
import { sampleFinding, sampleReport } from '../readiness/sample-report.ts'
import { createFakeWorld } from './fake-world.ts'
import { prepareRelease, stateOf } from './release.ts'

async function open(before: ReadinessReport | null, now: ReadinessReport, weights = { blue: 100, green: 0 }) {
  const world = createFakeWorld()
  Object.assign(world.weights, weights)
  if (weights.green === 100) Object.assign(world.shown.sizes, { blue: 0, green: 6 })
  await prepareRelease(world)
  const asked: ReadinessRequest[] = []
  const recheck = createRecheck(world, { startedOn: async () => before, find: async () => null }, async (request) => {
    asked.push(request)
    return now
  })
  return { world, asked, recheck, events: async () => (await world.rollouts.history(1)).map(({ type }) => type) }
}

const backup = (result: 'pass' | 'block') => sampleFinding('There is a backup', result)
const report = (result: 'pass' | 'block') => sampleReport('5.1.0', 9_000_000, [backup(result)])

test('what has changed since the report goes on record of the request, once', async () => {
  const { world, asked, recheck, events } = await open(report('pass'), report('block'))
  const request = (await world.rollouts.current())?.request?.id
  expect(request).toBeDefined()
  await recheck(1)
  await recheck(1)
  expect(asked).toMatchObject([{ version: '5.1.0', underWay: true }])
  expect((await events()).filter((type) => type === 'readiness-rechecked')).toHaveLength(1)
  expect((await world.rollouts.history(1)).at(-1)).toMatchObject({
    request,
    judgement: 'not-ready',
    changes: [{ check: 'there-is-a-backup', was: 'pass', now: 'block', found: 'something', mend: 'Mend it.' }],
  })
})

test.each([
  ['blue', { blue: 100, green: 0 }],
  ['green', { blue: 0, green: 100 }],
] as const)("the rollout's own stable, %s, is looked at", async (stable, weights) => {
  const { world, asked, recheck } = await open(null, report('pass'), weights)
  await recheck(1)
  expect((await stateOf(world)).parts?.stable).toBe(stable)
  expect(asked).toMatchObject([{ stable }])
})

test('without a report any more everything that does not pass is told', async () => {
  const { world, recheck } = await open(null, report('block'))
  await recheck(1)
  expect((await world.rollouts.history(1)).at(-1)).toMatchObject({ changes: [{ was: null, now: 'block' }] })
})

test('a request that is over by then is left alone', async () => {
  const { world, asked, recheck, events } = await open(null, report('pass'))
  const by = { id: 'U1', name: 'ada', via: 'slack' } as const
  await world.rollouts.execute(1, { type: 'roll-back', reason: 'r', forced: true, id: 'r1', at: world.time, by })
  const before = await events()
  await recheck(1)
  expect(asked).toEqual([])
  expect(await events()).toEqual(before)
})

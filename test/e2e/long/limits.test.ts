import { expect, test } from 'vitest'
import type { Breakage } from '../../../src/sandbox/service/breakage.ts'
import { wordsOf } from '../../../src/sandbox/slack-driver.ts'
import { useReleases } from '../releases.ts'

const { world, team, canaryAt5, isTakenBack } = useReleases()

const limits: readonly (readonly [Breakage, RegExp])[] = [
  ['error-rate', /Limit broken: Error rate .*limit above 0\.5%/],
  ['p95', /Limit broken: P95 response time .*limit above 1000ms/],
  ['workflow-errors', /Limit broken: Workflow errors .*limit above 10/],
  ['agents-failed', /Limit broken: Agents failed .*limit above 5/],
  ['cpu', /Limit broken: CPU .*limit above 90%/],
  ['memory', /Limit broken: Memory .*limit above 95%/],
]

test.each(limits)(
  '%s over its limit rolls back, with the figures in the thread',
  async (what, words) => {
    const card = await canaryAt5()
    world().service.break(what, 'canary')
    const breach = wordsOf(await team().hears(card, words))
    expect(breach).toMatch(/\d readings in .*Rolling back\./s)
    await isTakenBack(card)
  },
  500_000,
)

test('targets that are missed wait for a decision, name themselves, page, and roll back when nobody decides', async () => {
  const card = await canaryAt5()
  const missed: readonly Breakage[] = ['throughput', 'agents-available', 'workflow-success', 'data-consistency']
  for (const what of missed) world().service.break(what, 'canary')
  const waits = await team().hears(card, /Waiting for a decision/)
  for (const title of ['Throughput', 'Agents available', 'Workflow success', 'Data consistency'])
    expect(wordsOf(waits)).toMatch(new RegExp(`${title}.*NOT MET`))
  expect(wordsOf(waits)).toMatch(/Pages at .*; rolls back by itself at/)
  expect(JSON.stringify(waits.blocks)).toMatch(/extend-soak.*accept-targets.*roll-back/)
  await team().hears(card, /Nobody has decided for .*: paging/)
  await team().hears(card, /Rolling back by itself\*: nobody decided in time/)
  await isTakenBack(card)
}, 500_000)

test('a bad stable: it rolls back, says that this is probably not the release, and keeps the incident open', async () => {
  const card = await canaryAt5()
  world().service.break('error-rate', 'both')
  const breach = wordsOf(await team().hears(card, /Limit broken: Error rate/))
  expect(breach).toContain('this is probably not the release')
  await team().hears(card, /Rolled back\. Nothing to do now/)
  await team().hears(card, /Cleaned up/)
  expect((await world().pagerduty.incidents()).at(-1)).toMatchObject({ status: 'triggered' })
  world().service.heal()
  await team().hears(card, /The incident is resolved/)
}, 500_000)

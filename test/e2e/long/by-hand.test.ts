import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ledgerOf } from '../../../src/sandbox/ledger-of.ts'
import { type ReleaseTeam, releaseTeam } from '../../../src/sandbox/release-team.ts'
import { type SlackMessage, wordsOf } from '../../../src/sandbox/slack-driver.ts'
import type { World } from '../../../src/sandbox/world.ts'
import { kubectl } from '../hands.ts'
import { settledStory } from '../story.ts'
import { startUnhurriedWorld } from '../unhurried.ts'

let world: World
let team: ReleaseTeam
let redisEmptied: boolean
beforeEach(async () => {
  redisEmptied = false
  world = await startUnhurriedWorld({ speed: 120 })
  team = releaseTeam(world)
})
afterEach(async () => {
  await world.stop()
  // Whatever Slipway did, Slack would have taken it. The pace of its posts is kept in Redis: what forgets that may be too fast once.
  const refused = world.workspace.strict.refused.filter(({ error }) => !(redisEmptied && error === 'ratelimited'))
  expect(refused).toEqual([])
})

const user = (role: string) => world.users[role] ?? ''
const answer = (role: string, words: RegExp) =>
  world.slack.waitForMessage((m) => m.ephemeral_to === user(role) && words.test(wordsOf(m)), 60_000)

async function canaryAt5(): Promise<SlackMessage> {
  const card = await team.startRelease('5.1.0')
  await team.signPhase(card, 1)
  await team.hears(card, /The canary gets 5 %/)
  return card
}

test('a rollout that has had no traffic is aborted; afterwards the next one starts', async () => {
  const card = await team.startRelease('5.1.0')
  await team.hears(card, /Plan of phase 1/)
  await world.slack.command(user('sre'), '/deploy abort not today')
  expect(wordsOf(await team.hears(card, /Aborted\* by/))).toContain('not today')
  await team.hears(card, /Aborted before any traffic/)
  const next = await canaryAt5()
  await world.slack.command(user('sre'), '/deploy abort too late')
  await answer('sre', /The canary gets 5 % already.*\/deploy rollback/)
  expect(next.ts).not.toBe(card.ts)
}, 500_000)

test('a soak is skipped with a reason and the sign-off of somebody else', async () => {
  const card = await canaryAt5()
  const [commander, sre] = ['commander', 'sre']
  await world.slack.command(user(commander), '/deploy skip-soak')
  await answer(commander, /reason is missing/)
  await world.slack.command(user(commander), '/deploy skip-soak seen on staging all night')
  const asked = await team.hears(card, /skip the rest of the soak of phase 1/)
  await world.slack.click(user(commander), asked, 'approve-skip')
  await answer(commander, /wants somebody else/)
  await world.slack.click(user(sre), asked, 'approve-skip')
  await answer(sre, /This needs commander/)
  await world.slack.click(user(sre), asked, 'reject-skip')
  await world.slack.click(user(commander), asked, 'reject-skip')
  await team.hears(card, /Skipping was rejected/)
  await world.slack.command(user(sre), '/deploy skip-soak really, all night')
  const again = await team.hears(card, /really, all night/)
  await world.slack.click(user(commander), again, 'approve-skip')
  await team.hears(card, /Soak of phase 1 skipped/)
  expect((await ledgerOf(world, 1)).some((e) => e.type === 'soak-passed')).toBe(false)
}, 500_000)

test('somebody else’s weights and sizes are told with their field manager, and taken over again', async () => {
  const card = await canaryAt5()
  const hands = await kubectl(world)
  // No more than the canary's one pod has room for: nothing is to break a limit here.
  await hands.setWeights(90, 10)
  const found = await team.hears(card, /Somebody else changed the cluster/)
  expect(wordsOf(found)).toMatch(/the canary gets 10 %, expected 5 %.*field manager: kubectl-edit/)
  await world.slack.click(user('sre'), found, 'take-over')
  await team.hears(card, /Taken over again/)
  await team.hears(card, /again as Slipway left it/)
  expect(await hands.weights()).toEqual(['"weight":95', '"weight":5'])

  await hands.scale('blue', 5)
  const scaled = await team.hears(card, /claude-enhancer-blue has size 5, expected 6/)
  expect(wordsOf(scaled)).toContain('kubectl-scale')
  await world.slack.command(user('sre'), '/deploy take-over')
  await expect.poll(() => hands.size('blue'), { timeout: 60_000 }).toMatchObject({ replicas: 6 })
  await world.slack.command(user('sre'), '/deploy rollback -f')
  await team.hears(card, /Rolled back\. Nothing to do now/)
  await team.hears(card, /Cleaned up/)
  const { expected, posted } = await settledStory(world, card, 1)
  expect(posted).toEqual(expected)
}, 500_000)

test('Redis back empty: the rollout is found on the cluster, held, paged for, and rolled back', async () => {
  await canaryAt5()
  const redis = new Redis(world.redis.url)
  await redis.flushall()
  redisEmptied = true
  redis.disconnect()
  const held = await world.slack.waitForMessage((m) => /HELD, its record was lost/.test(wordsOf(m)), 60_000)
  expect(wordsOf(held)).toMatch(/The canary gets 5 %/)
  await expect.poll(() => world.pagerduty.incidents().length, { timeout: 60_000 }).toBe(1)
  await world.slack.command(user('commander'), '/deploy advance')
  await answer('commander', /record of this rollout is not complete/)
  await world.slack.click(user('sre'), held, 'roll-back')
  const question = await answer('sre', /back to stable\?/)
  await world.slack.click(user('sre'), question, 'confirm-roll-back')
  await team.hears(held, /Rolled back\. Nothing to do now/)
  expect(await (await kubectl(world)).weights()).toEqual(['"weight":100', '"weight":0'])
  await team.hears(held, /Cleaned up/)
  await team.hears(held, /The incident is resolved/)
  const next = await canaryAt5()
  expect(wordsOf(next)).toMatch(/5\.1\.0/)
  expect((await ledgerOf(world, 2))[0]?.type).toBe('rollout-started')
}, 500_000)

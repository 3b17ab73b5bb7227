import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Json, member } from '../../../src/sandbox/cluster/json.ts'
import { ledgerOf } from '../../../src/sandbox/ledger-of.ts'
import { type ReleaseTeam, releaseTeam } from '../../../src/sandbox/release-team.ts'
import { type SlackMessage, wordsOf } from '../../../src/sandbox/slack-driver.ts'
import { startWorld, type World } from '../../../src/sandbox/world.ts'
import { kubectl } from '../hands.ts'
import { observedConfig } from '../observed-config.ts'
import { settledStory } from '../story.ts'

let dir: string
let world: World
let team: ReleaseTeam
beforeAll(async () => {
  const given = await observedConfig()
  dir = given.dir
  world = await startWorld({ speed: 120, config: given.file })
  team = releaseTeam(world)
})
afterAll(async () => {
  await world.stop()
  await rm(dir, { recursive: true })
})

const user = (role: string) => world.users[role] ?? ''
const answer = (role: string, words: RegExp) =>
  world.slack.waitForMessage((m) => m.ephemeral_to === user(role) && words.test(wordsOf(m)), 60_000)
const image = (version: string) => world.config.image.replaceAll('{version}', version)

/** Who has written anything to an object, and with which annotations it stands there. */
function traces(object: Json): string {
  if (object === null || typeof object !== 'object' || Array.isArray(object)) throw new Error('no object')
  const { annotations = {}, managedFields = [] } = member(object, 'metadata')
  return JSON.stringify({ annotations, managedFields })
}

async function deployGreen(hands: Awaited<ReturnType<typeof kubectl>>, version: string) {
  await hands.setImage('green', image(version))
  await hands.scale('green', 6)
  await expect.poll(() => hands.status('green'), { timeout: 60_000 }).toMatchObject({ readyReplicas: 6 })
}

const isCard = (version: string) => (m: SlackMessage) =>
  m.thread_ts === undefined && new RegExp(`Claude Enhancer ${version}: ONLY OBSERVED`).test(m.text)

test('weights moved by hand, 5 → 20 → 0, with a breach between: told, and nothing touched', async () => {
  const hands = await kubectl(world)
  await deployGreen(hands, '5.1.0')
  await team.isReady('5.1.0')
  await world.slack.command(user('commander'), '/deploy advance 5.1.0')
  await answer('commander', /Observing the release of 5\.1\.0: nothing is changed/)
  const card = await world.slack.waitForMessage(isCard('5.1.0'), 60_000)
  expect(wordsOf(card)).toMatch(
    /Slipway only observes\. It does not shift traffic, does not roll back and does not page/,
  )
  const plan = await team.hears(card, /Plan of phase 1/)
  expect(wordsOf(plan)).toContain('Practice: Slipway only observes')
  for (const role of ['commander', 'sre']) await world.slack.click(user(role), plan, 'approve')
  await team.hears(card, /Slipway would now have given the canary 5 %/)

  const before = await hands.objects()
  await hands.setWeights(95, 5)
  const allowed = await team.hears(card, /The canary gets 5 %\* \(was 0 %\), by kubectl-edit, not by Slipway/)
  expect(wordsOf(allowed)).toMatch(/That is phase 1 of 4 \(Canary start\).*Slipway would have allowed it/s)
  await hands.setWeights(80, 20)
  const refused = await team.hears(card, /The canary gets 20 %\* \(was 5 %\)/)
  expect(wordsOf(refused)).toMatch(/would have refused it:\* no sign-off of technical-lead, sre/)

  world.service.break('error-rate')
  const breach = await team.hears(
    card,
    /Would have rolled back at .*, and paged:\* Error rate [\d.]+ %, limit above 0\.5%, 3 readings in/,
  )
  expect(wordsOf(breach)).toContain('the canary keeps 20 %')
  for (const words of ['/deploy rollback it burns', '/deploy rollback -f']) {
    await world.slack.command(user('sre'), words)
    const { text } = await answer(
      'sre',
      /mode: observe.*can't roll back.*kubectl -n claude-enhancer patch virtualservice/s,
    )
    expect(text).not.toContain('Rolling back')
  }
  world.service.heal()
  await team.hears(card, /Error rate is within its limit again/)
  expect(await hands.weights()).toEqual(['"weight":80', '"weight":20'])

  await hands.setWeights(100, 0)
  const end = wordsOf(await team.hears(card, /Observed to its end: claude-enhancer 5\.1\.0 was taken back/))
  expect(end).toMatch(/canary 0 % → \*5 %\* \(kubectl-edit\) · Slipway: allowed/)
  expect(end).toMatch(/canary 5 % → \*20 %\* \(kubectl-edit\) · Slipway: \*refused\*/)
  expect(end).toMatch(/\(nothing\) · Slipway: \*rolled back and paged\*, Error rate/)
  expect(end).toMatch(/Slipway would have taken the traffic back at .* earlier/)

  const { expected, posted } = await settledStory(world, card, 1)
  expect(posted).toEqual(expected)
  const told = (await world.slack.thread(card.ts)).map(wordsOf)
  expect(told.filter((t) => /Would have rolled back at/.test(t) && !/Observed to its end/.test(t))).toHaveLength(1)
  const types = (await ledgerOf(world, 1)).map((e) => e.type)
  expect(types).not.toContain('drift-found')
  expect(types).not.toContain('rollback-ordered')
  expect(world.pagerduty.incidents()).toEqual([])
  const after = await hands.objects()
  // The weights came back to where they were; whoever else had written would stand in the managed fields.
  expect(after.map(({ spec }) => spec)).toEqual(before.map(({ spec }) => spec))
  for (const object of after) expect(traces(object)).not.toContain('slipway')
}, 500_000)

test('a release that nobody announced is noticed, followed to its end, and summed up', async () => {
  const hands = await kubectl(world)
  await deployGreen(hands, '5.1.1')
  await hands.setWeights(95, 5)
  const card = await world.slack.waitForMessage(isCard('5.1.1'), 60_000)
  const found = await team.hears(card, /The canary gets 5 %/)
  expect(wordsOf(found)).toMatch(/would have refused it:\* no sign-off of commander, sre/)
  await team.hears(card, /The soak of phase 1 would have been full/)
  await hands.setWeights(0, 100)
  const all = await team.hears(card, /The canary gets 100 %/)
  expect(wordsOf(all)).toContain('phase 2 and 3 left out')
  const end = wordsOf(await team.hears(card, /Observed to its end: claude-enhancer 5\.1\.1 was released/))
  expect(end).toContain('All traffic is on green')
  expect(end).toContain('Slipway would not have rolled back')
  expect((await ledgerOf(world, 2)).map((e) => e.type).slice(0, 3)).toEqual([
    'rollout-started',
    'tracks-seen',
    'weight-seen',
  ])
  expect(world.pagerduty.incidents()).toEqual([])
}, 500_000)

import { afterAll, beforeAll, expect, test } from 'vitest'
import { ledgerOf } from '../../../src/sandbox/ledger-of.ts'
import { releaseTeam } from '../../../src/sandbox/release-team.ts'
import { wordsOf } from '../../../src/sandbox/slack-driver.ts'
import type { World } from '../../../src/sandbox/world.ts'
import { startUnhurriedWorld } from '../unhurried.ts'

let world: World

/** Frozen from some days ago until some days from now. */
function frozen(config: string): string {
  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
  return `${config}\nfreezes:\n  - { title: Change freeze, zone: Europe/Berlin, from: ${day(-3)} 00:00, to: ${day(3)} 08:00 }\n`
}

beforeAll(async () => {
  world = await startUnhurriedWorld({ speed: 120 }, frozen)
})
afterAll(async () => {
  await world.stop()
})

const read = new Set<string>()
async function asks(role: string, line: string, words: RegExp): Promise<string> {
  const user = world.users[role] ?? ''
  await world.slack.command(user, line)
  const found = await world.slack.waitForMessage(
    (m) => m.ephemeral_to === user && !read.has(m.ts) && words.test(wordsOf(m)),
    60_000,
  )
  read.add(found.ts)
  return wordsOf(found)
}

test('a freeze is told before a start and at it; the commander overrides it with a reason, and a rollback works all the same', async () => {
  const team = releaseTeam(world)
  await team.isReady('5.1.0')
  const report = await world.slack.waitForMessage((m) => /5\.1\.0: .*warn/i.test(m.text), 60_000)
  expect(wordsOf(report)).toMatch(/Change freeze/)
  const refused = await asks('devops', '/deploy advance 5.1.0', /Frozen \(Change freeze\) until .*08:00/)
  expect(refused).toMatch(/Nothing was changed\. .*overridden: commander by `\/deploy advance/s)
  await asks('devops', '/deploy advance 5.1.0 a mended outage --override', /This needs commander/)
  expect(await ledgerOf(world, 1)).toEqual([])
  await asks('commander', '/deploy advance 5.1.0 a mended outage --override', /Started the rollout of 5\.1\.0/)
  const card = await world.slack.waitForMessage((m) => /5\.1\.0: (preparing|awaiting sign-off)/.test(m.text), 60_000)
  await team.hears(card, /\*Overridden\* by <@U0COMMANDER> \(commander\).*a mended outage/s)
  await team.signPhase(card, 1)
  await team.hears(card, /The canary gets 5 %/)
  await asks('devops', '/deploy rollback -f', /Rolling back/)
  await team.hears(card, /Rolled back/)
}, 500_000)

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ledgerOf } from '../../src/sandbox/ledger-of.ts'
import { type ReleaseTeam, releaseTeam } from '../../src/sandbox/release-team.ts'
import { wordsOf } from '../../src/sandbox/slack-driver.ts'
import { slipwayMain } from '../../src/sandbox/slipway-process.ts'
import type { World } from '../../src/sandbox/world.ts'
import { settledStory } from './story.ts'
import { startUnhurriedWorld } from './unhurried.ts'

let world: World
let team: ReleaseTeam
beforeEach(async () => {
  world = await startUnhurriedWorld({ speed: 120 })
  team = releaseTeam(world)
})
afterEach(async () => {
  await world.stop()
  // Whatever Slipway did, Slack would have taken it.
  expect(world.workspace.strict.refused).toEqual([])
})

async function canaryAt5() {
  const card = await team.startRelease('5.1.0')
  await team.signPhase(card, 1)
  await team.hears(card, /The canary gets 5 %/)
  return card
}

test('a confirmed breach rolls back by itself, pages with a link, and resolves when stable is well', async () => {
  const card = await canaryAt5()
  await world.slack.command(world.users.sre ?? '', '/sandbox break p95')
  const breach = await team.hears(card, /Limit broken: P95 response time/)
  expect(wordsOf(breach)).toMatch(/limit above 1000ms/)
  expect(wordsOf(breach)).toMatch(/3 readings/)
  expect(wordsOf(breach)).toContain('histogram_quantile')
  await team.hears(card, /Rolled back\. Nothing to do now/)
  expect(wordsOf(await team.hears(card, /Paged:/))).toContain(`${world.urls.pagerduty}/incidents/4711`)
  await team.hears(card, /Cleaned up/)
  await team.hears(card, /The incident is resolved/)
  const { expected, posted } = await settledStory(world, card, 1)
  expect(posted).toEqual(expected)
  await expect.poll(() => world.pagerduty.incidents()).toMatchObject([{ number: 4711, status: 'resolved' }])
}, 500_000)

test('a rollback by hand asks once, privately; forced it asks nothing', async () => {
  const card = await canaryAt5()
  const sre = world.users.sre ?? ''
  await world.slack.command(sre, '/deploy rollback it looks odd')
  const question = await world.slack.waitForMessage(
    (m) => m.ephemeral_to === sre && /back to stable\?/.test(m.text),
    60_000,
  )
  expect((await ledgerOf(world, 1)).some((e) => e.type === 'rollback-ordered')).toBe(false)
  await world.slack.click(sre, question, 'confirm-roll-back')
  expect(wordsOf(await team.hears(card, /Rolling back\*/))).toContain('it looks odd')
  await team.hears(card, /Rolled back\. Nothing to do now/)
  await team.hears(card, /Cleaned up/)

  const again = await team.startRelease('5.1.1')
  await world.slack.command(sre, '/deploy rollback -f')
  await team.hears(again, /Rolled back\. Nothing to do now/)
  expect(world.pagerduty.incidents()).toEqual([])
}, 500_000)

test('break-glass from a terminal needs only a kubeconfig, and the thread tells it', async () => {
  const card = await canaryAt5()
  const env = { PATH: process.env.PATH ?? '', HOME: world.dir, KUBECONFIG: world.kubernetes.kubeconfig }
  const { stdout } = await promisify(execFile)(process.execPath, [slipwayMain, 'rollback', '-f'], {
    env,
    cwd: world.dir,
  })
  expect(stdout).toMatch(/Rolled back\. All traffic of claude-enhancer is on stable \(blue\)/)
  await team.hears(card, /Traffic was taken back by break-glass/)
  await team.hears(card, /Rolled back\. Nothing to do now/)
  const events = await ledgerOf(world, 1)
  expect(events.find((e) => e.type === 'rollback-ordered')).toMatchObject({
    cause: 'break-glass',
    by: { via: 'break-glass' },
  })
}, 500_000)

test('refusals are private, name what would work, and change nothing', async () => {
  const { slack, users } = world
  const developer = users.developer ?? ''
  const answer = (user: string, words: RegExp) =>
    slack.waitForMessage((m) => m.ephemeral_to === user && words.test(wordsOf(m)), 60_000)
  await slack.command(developer, '/deploy advance 5.1.0')
  await answer(developer, /you hold none of these roles/)
  await slack.command(users.sre ?? '', '/deploy advance 5.1.0')
  await answer(users.sre ?? '', /no readiness report for 5\.1\.0/)
  await slack.command(developer, '/deploy advnace')
  await answer(developer, /Did you mean `\/deploy advance`/)
  await slack.command(developer, '/deploy readiness')
  await answer(developer, /version is missing/)

  const card = await team.startRelease('5.1.0')
  const plan = await team.hears(card, /Plan of phase 1/)
  await slack.click(developer, plan, 'approve')
  await answer(developer, /This needs commander or sre/)
  await slack.click(users.sre ?? '', plan, 'approve')
  await answer(users.sre ?? '', /Your sign-off counts/)
  await slack.click(users.sre ?? '', plan, 'approve')
  await answer(users.sre ?? '', /One person counts once/)
  await slack.command(users.sre ?? '', '/deploy status')
  await answer(users.sre ?? '', /awaiting sign-off of phase 1/)
  await slack.command(users.sre ?? '', '/deploy pause lunch')
  await team.hears(card, /Paused\* by .*lunch/)
  await slack.command(users.sre ?? '', '/deploy resume')
  await team.hears(card, /Resumed/)
  const signed = (await ledgerOf(world, 1)).filter((e) => e.type === 'signed-off')
  expect(signed).toHaveLength(1)
}, 500_000)

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ledgerOf } from '../../../src/sandbox/ledger-of.ts'
import { type ReleaseTeam, releaseTeam } from '../../../src/sandbox/release-team.ts'
import { type SlackMessage, wordsOf } from '../../../src/sandbox/slack-driver.ts'
import { startWorld, type World } from '../../../src/sandbox/world.ts'

let world: World
let team: ReleaseTeam
let folder: string
/** Private answers that were read already. */
const read = new Set<string>()

/**
 * Phase 1 wants two SREs and a commander, not the one who asked; the SRE may also sign as commander, DevOps and the quality lead
 * also as SRE. A request for phase 2 expires soon.
 */
async function configFile(): Promise<string> {
  folder = await mkdtemp(join(tmpdir(), 'slipway-sign-off-'))
  const text = await readFile('deployment-config.yaml', 'utf8')
  const file = join(folder, 'deployment-config.yaml')
  const changes = [
    ['[U000COMMANDER]', '[U0COMMANDER, U0SRE]'],
    ['[U000TECHLEAD]', '[U0TECHNICALLEAD]'],
    ['[U000SRE]', '[U0SRE, U0DEVOPS, U0QUALITYLEAD]'],
    ['[U000DEVOPS]', '[U0DEVOPS]'],
    ['[U000QUALITY]', '[U0QUALITYLEAD]'],
    ['roles: [commander, sre]', 'roles: [commander, 2 sre]\n      requesterMaySign: false'],
    ['roles: [technical-lead, sre]', 'roles: [technical-lead, sre]\n      signOffExpires: 20s'],
    ['roles: [commander, quality-lead]\n      requesterMaySign: false', 'roles: [commander, quality-lead]'],
  ] as const
  const changed = changes.reduce((all, [from, to]) => {
    if (all.split(from).length !== 2) throw new Error(`not exactly once: ${from}`)
    return all.replace(from, to)
  }, text)
  await writeFile(file, changed)
  return file
}

beforeAll(async () => {
  world = await startWorld({ speed: 120, config: await configFile() })
  team = releaseTeam(world)
}, 60_000)
afterAll(async () => {
  await world.stop()
  await rm(folder, { recursive: true })
})

const user = (role: string) => world.users[role] ?? ''

/** Waits for a private answer that nobody has read yet. */
async function answer(role: string, words: RegExp): Promise<SlackMessage> {
  const found = await world.slack.waitForMessage(
    (m) => m.ephemeral_to === user(role) && !read.has(m.ts) && words.test(wordsOf(m)),
    20_000,
  )
  read.add(found.ts)
  return found
}

async function clicks(role: string, message: SlackMessage, action: string, words: RegExp): Promise<SlackMessage> {
  await world.slack.click(user(role), message, action)
  return answer(role, words)
}

async function asks(role: string, line: string, words: RegExp): Promise<SlackMessage> {
  await world.slack.command(user(role), line)
  return answer(role, words)
}

/** Says something to Slipway in a thread. */
async function says(role: string, text: string, thread: string, words: RegExp): Promise<SlackMessage> {
  await world.slack.say(user(role), `<@U0SLIPWAY> ${text}`, thread)
  return answer(role, words)
}

const eventsOf = async (type: string) => (await ledgerOf(world, 1)).filter((e) => e.type === type)
/** The newest plan of a phase that still has its buttons. */
const openPlan = (card: SlackMessage, title: RegExp) =>
  world.slack.waitForMessage(
    (m) => m.thread_ts === card.ts && title.test(m.text) && JSON.stringify(m.blocks).includes('"approve"'),
    60_000,
  )

let card: SlackMessage
let plan: SlackMessage

test('a dry run shows the plan of a start to one person, and starts nothing', async () => {
  await asks('commander', '/deploy readiness 5.1.0', /Checking 5\.1\.0/)
  await world.slack.waitForMessage((m) => /5\.1\.0: ready/.test(m.text), 30_000)
  const shown = wordsOf(await asks('developer', '/deploy advance 5.1.0 --dry-run', /Plan of phase 1/))
  expect(shown).toMatch(/VirtualService `claude-enhancer`, route `primary`: green 0 % → \*5 %\*, blue 100 % → \*95 %\*/)
  expect(shown).toMatch(/Deployment `claude-enhancer-green`: image `.*` → `.*:5\.1\.0`, pods 0 → \*1\*/)
  expect(shown).toMatch(/Must sign:\* commander, sre × 2.*not/)
  expect(shown).toContain('Only you see this, and nothing was changed.')
  expect(await ledgerOf(world, 1)).toEqual([])
}, 60_000)

test('every click on a plan is answered in private', async () => {
  card = await team.startRelease('5.1.0')
  plan = await openPlan(card, /Plan of phase 1/)
  const refused = wordsOf(await clicks('developer', plan, 'approve', /This needs commander or sre/))
  expect(refused).toMatch(/Ask <@U0COMMANDER>, <@U0SRE>, <@U0DEVOPS>, <@U0QUALITYLEAD>/)
  await clicks('commander', plan, 'approve', /You asked for this yourself/)
  await clicks('devops', plan, 'withdraw', /You have not signed this request/)
  await clicks('quality-lead', plan, 'cancel', /for commander, who asked, or for commander to cancel/)
  await says('devops', 'approve devops', card.ts, /Nobody needs to sign as devops here/)
}, 60_000)

test('whoever fits several roles chooses, and is told which choice leaves nobody for the rest', async () => {
  const choice = await clicks('sre', plan, 'approve', /You can sign as commander or sre.*As sre, nobody would be known/)
  expect(await eventsOf('signed-off')).toEqual([])
  await clicks('sre', choice, 'approve-as:commander', /Your sign-off counts, as commander\. Still missing: sre, sre/)
  await clicks('sre', choice, 'approve-as:sre', /signed this request already, as commander at <!date/)
  await world.slack.waitForMessage(
    (m) =>
      m.ts === card.ts &&
      /☑ \*commander\*: <@U0SRE>.*\n☐ \*sre\*: missing \(<@U0DEVOPS>, <@U0QUALITYLEAD>\)/.test(wordsOf(m)),
    30_000,
  )
}, 60_000)

test('a sign-off is withdrawn and given again, by mention too; others are reminded every five minutes at most', async () => {
  await clicks('devops', plan, 'approve', /counts, as sre\. Still missing: sre/)
  await clicks('devops', plan, 'withdraw', /withdrawn/)
  await clicks('devops', plan, 'nudge', /are reminded/)
  expect(wordsOf(await team.hears(card, /waits for a sign-off as/))).toMatch(/<@U0DEVOPS> <@U0QUALITYLEAD>: .*sre/)
  await clicks('quality-lead', plan, 'nudge', /were reminded at <!date.*again at <!date/)
  await says('devops', 'approve', card.ts, /counts, as sre/)
  await says('devops', 'withdraw', card.ts, /withdrawn/)
  await world.slack.say(user('sre'), 'let us talk here')
  const other = await world.slack.waitForMessage((m) => m.text === 'let us talk here', 5_000)
  await says('devops', 'approve', other.ts, /This thread is not that of 5\.1\.0/)
  await says('devops', 'reject', card.ts, /reason is missing/)
}, 90_000)

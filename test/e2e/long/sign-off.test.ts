import { afterAll, beforeAll, expect, test } from 'vitest'
import { ledgerOf } from '../../../src/sandbox/ledger-of.ts'
import { type ReleaseTeam, releaseTeam } from '../../../src/sandbox/release-team.ts'
import { type SlackMessage, wordsOf } from '../../../src/sandbox/slack-driver.ts'
import type { World } from '../../../src/sandbox/world.ts'
import { type Forms, openForms, typed } from '../forms.ts'
import { settledStory } from '../story.ts'
import { startUnhurriedWorld } from '../unhurried.ts'

let world: World
let team: ReleaseTeam
let forms: Forms
/** Private answers that were read already. */
const read = new Set<string>()

/**
 * Phase 1 wants two SREs and a commander, not the one who asked; the SRE may also sign as commander, DevOps and the quality lead
 * also as SRE. A request for phase 2 expires soon.
 */
function changed(config: string): string {
  const changes = [
    ['[U000COMMANDER]', '[U0COMMANDER, U0SRE]'],
    ['[U000TECHLEAD]', '[U0TECHNICALLEAD]'],
    ['[U000SRE]', '[U0SRE, U0DEVOPS, U0QUALITYLEAD]'],
    ['[U000DEVOPS]', '[U0DEVOPS]'],
    ['[U000QUALITY]', '[U0QUALITYLEAD]'],
    ['roles: [commander, sre]', 'roles: [commander, 2 sre]\n      requesterMaySign: false'],
    ['readyWithin: 10m', 'readyWithin: 19s'],
    ['roles: [technical-lead, sre]', 'roles: [technical-lead, sre]\n      signOffExpires: 20s'],
    ['roles: [commander, quality-lead]\n      requesterMaySign: false', 'roles: [commander, quality-lead]'],
  ] as const
  return changes.reduce((all, [from, to]) => {
    if (all.split(from).length !== 2) throw new Error(`not exactly once: ${from}`)
    return all.replace(from, to)
  }, config)
}

beforeAll(async () => {
  world = await startUnhurriedWorld({ speed: 120 }, changed)
  team = releaseTeam(world)
  forms = await openForms(world)
  world.workspace.strict.profiles.set(user('developer'), { is_restricted: true })
})
afterAll(async () => {
  forms.close()
  await world.stop()
})

const user = (role: string) => world.users[role] ?? ''

/** Waits for a private answer that nobody has read yet. */
async function answer(role: string, words: RegExp): Promise<SlackMessage> {
  const found = await world.slack.waitForMessage(
    (m) => m.ephemeral_to === user(role) && !read.has(m.ts) && words.test(wordsOf(m)),
    60_000,
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
/** Plans that were looked at already. */
const seen = new Set<string>()
/** The newest plan of a phase: the buttons of older ones go a moment later. */
async function openPlan(card: SlackMessage, title: RegExp): Promise<SlackMessage> {
  const found = await world.slack.waitForMessage(
    (m) => m.thread_ts === card.ts && m.subtype !== 'ephemeral' && title.test(m.text) && !seen.has(m.ts),
    60_000,
  )
  seen.add(found.ts)
  return found
}

let card: SlackMessage
let plan: SlackMessage

test('a dry run shows the plan of a start to one person, and starts nothing', async () => {
  await team.isReady('5.1.0')
  const shown = wordsOf(await asks('technical-lead', '/deploy advance 5.1.0 --dry-run', /Plan of phase 1/))
  expect(shown).toMatch(/VirtualService `claude-enhancer`, route `primary`: green 0 % → \*5 %\*, blue 100 % → \*95 %\*/)
  expect(shown).toMatch(/Deployment `claude-enhancer-green`: image `.*` → `.*:5\.1\.0`, pods 0 → \*1\*/)
  expect(shown).toMatch(/Must sign:\* commander, sre × 2.*not/)
  expect(shown).toContain('Only you see this, and nothing was changed.')
  expect(await ledgerOf(world, 1)).toEqual([])
}, 500_000)

test('every click on a plan is answered in private', async () => {
  card = await team.startRelease('5.1.0')
  plan = await openPlan(card, /Plan of phase 1/)
  const refused = wordsOf(await clicks('technical-lead', plan, 'approve', /This needs commander or sre/))
  expect(refused).toMatch(/Ask <@U0COMMANDER>, <@U0SRE>, <@U0DEVOPS>, <@U0QUALITYLEAD>/)
  await clicks('commander', plan, 'approve', /You asked for this yourself/)
  await clicks('devops', plan, 'withdraw', /You have not signed this request/)
  await clicks('quality-lead', plan, 'cancel', /for commander, who asked, or for commander to cancel/)
  await says('devops', 'approve devops', card.ts, /Nobody needs to sign as devops here/)
}, 500_000)

test('a guest may do nothing, not even roll back, and is told who could', async () => {
  const full = /full members of the workspace only.*Ask <@U0COMMANDER>/
  for (const line of ['status', 'readiness 5.1.1', 'pause lunch', 'rollback -f'])
    await asks('developer', `/deploy ${line}`, full)
  await clicks('developer', plan, 'approve', full)
  await clicks('developer', card, 'roll-back', full)
  await world.slack.command(user('developer'), '/deploy')
  expect(await forms.opened('now')).toMatch(/full members/)
  expect(forms.choices()).toEqual([])
  await forms.home(user('developer'), /full members/)
  expect((await ledgerOf(world, 1)).filter((e) => 'by' in e && e.by.id === user('developer'))).toEqual([])
}, 500_000)

test('whoever fits several roles chooses, and is told which choice leaves nobody for the rest', async () => {
  const choice = await clicks('sre', plan, 'approve', /You can sign as commander or sre.*As sre, nobody would be known/)
  expect(await eventsOf('signed-off')).toEqual([])
  await clicks('sre', choice, 'approve-as:commander', /Your sign-off counts, as commander\. Still missing: sre, sre/)
  await clicks('sre', choice, 'approve-as:sre', /signed this request already, as commander at <!date/)
  await world.slack.waitForMessage(
    (m) =>
      m.ts === card.ts &&
      /☑ \*commander\*: <@U0SRE>.*\n☐ \*sre\*: missing \(<@U0DEVOPS>, <@U0QUALITYLEAD>\)/.test(wordsOf(m)),
    60_000,
  )
}, 500_000)

test('a sign-off is withdrawn and given again, by mention too; others are reminded every five minutes at most', async () => {
  await clicks('devops', plan, 'approve', /counts, as sre\. Still missing: sre/)
  await clicks('devops', plan, 'withdraw', /withdrawn/)
  await clicks('devops', plan, 'nudge', /are reminded/)
  expect(wordsOf(await team.hears(card, /waits for a sign-off as/))).toMatch(/<@U0DEVOPS> <@U0QUALITYLEAD>: .*sre/)
  await asks('quality-lead', '/deploy mine', /Sign phase 1 as sre/)
  await forms.home(user('quality-lead'), /What waits for you.*Sign phase 1 as sre.*#1 5\.1\.0/)
  await clicks('quality-lead', plan, 'nudge', /were reminded at <!date.*again at <!date/)
  await says('devops', 'approve', card.ts, /counts, as sre/)
  await says('devops', 'withdraw', card.ts, /withdrawn/)
  await world.slack.say(user('sre'), 'let us talk here')
  const other = await world.slack.waitForMessage((m) => m.text === 'let us talk here', 60_000)
  await says('devops', 'approve', other.ts, /This thread is not that of 5\.1\.0/)
  await says('devops', 'reject', card.ts, /reason is missing/)
}, 500_000)

test('a rejected and a cancelled request say so to whoever is late, and have no buttons', async () => {
  await says('devops', 'reject not like this', card.ts, /Rejected/)
  await clicks('quality-lead', plan, 'approve', /was rejected by .* at <!date/)
  await clicks('quality-lead', plan, 'nudge', /was rejected/)
  await asks('commander', '/deploy advance', /Asked for phase 1/)
  const second = await openPlan(card, /Plan of phase 1/)
  await world.slack.click(user('devops'), second, 'reject')
  await forms.opened('reject')
  await clicks('commander', second, 'cancel', /cancelled/)
  // The form was sent too late.
  forms.send(user('devops'), typed('reason', 'no'))
  await answer('devops', /was cancelled by commander/)
  await clicks('sre', second, 'approve', /was cancelled by commander/)
  await world.slack.waitForMessage((m) => m.ts === second.ts && !JSON.stringify(m.blocks).includes('"approve"'), 60_000)
  await says('sre', 'approve', card.ts, /Nothing waits for a sign-off now/)
}, 500_000)

test('phase 1 starts with its third sign-off, once nobody has it locked', async () => {
  await asks('commander', '/deploy advance', /Asked for phase 1/)
  const third = await openPlan(card, /Plan of phase 1/)
  const choice = await clicks('sre', third, 'approve', /Which one/)
  await clicks('sre', choice, 'approve-as:commander', /counts/)
  await clicks('devops', third, 'approve', /counts/)
  await asks('devops', '/deploy handover <@U0TECHNICALLEAD>', /<@U0TECHNICALLEAD> is in charge/)
  const handover = wordsOf(await team.hears(card, /<@U0TECHNICALLEAD> takes over from <@U0COMMANDER>/))
  expect(handover).toMatch(/Open:\*\n• phase 1 needs the sign-off of sre\nSince then:\n.*signed off as commander/s)
  await asks('devops', '/deploy handover <@U0TECHNICALLEAD>', /technical-lead is in charge already/)
  await asks('devops', `/deploy handover <@${user('developer')}>`, /is no full member of the workspace/)
  await asks('devops', '/deploy unlock', /Nothing is locked/)
  await asks('technical-lead', '/deploy lock an incident <!channel>', /Locked\. Nothing starts or moves forward/)
  await asks('devops', '/deploy lock another one', /locked already, by technical-lead since <!date.*an incident/)
  await clicks('quality-lead', third, 'approve', /Every role has signed/)
  await clicks('quality-lead', third, 'nudge', /Nobody is known who could still sign/)
  expect(wordsOf(await team.hears(card, /\*Locked\* by <@U0TECHNICALLEAD>/))).not.toContain('<!channel>')
  const locked = await world.slack.waitForMessage(
    (m) => m.ts === card.ts && /\*Locked\* by <@U0TECHNICALLEAD> since/.test(wordsOf(m)),
    60_000,
  )
  await clicks('devops', locked, 'override', /This needs commander/)
  expect(await eventsOf('phase-started')).toEqual([])
  await world.slack.click(user('commander'), locked, 'override')
  await forms.opened('override')
  forms.send(user('commander'), typed('reason', 'it mends the incident'))
  await answer('commander', /Done/)
  await team.hears(card, /\*Overridden\* by <@U0COMMANDER> \(commander\)/)
  await team.hears(card, /Phase 1 of 4 starts/)
  await asks('sre', '/deploy unlock', /Unlocked\. It was locked by technical-lead/)
  await clicks('devops', third, 'approve', /was signed by/)
  expect((await eventsOf('phase-started')).length).toBe(1)
}, 500_000)

test('the next phase is asked for before the soak is over; an expired request says so', async () => {
  const opened = await team.hears(card, /Phase 2 can be asked for/)
  await clicks('technical-lead', opened, 'advance', /Asked for phase 2/)
  const early = await openPlan(card, /Plan of phase 2/)
  await team.hears(card, /The request has expired/)
  await clicks('technical-lead', early, 'approve', /expired at <!date/)
  await team.hears(card, /Phase 1 passed/)
}, 500_000)

test('one request for all that is left: every role signs once, each phase starts when the one before has passed', async () => {
  await asks('devops', '/deploy lock lunch', /Locked/)
  await asks('technical-lead', '/deploy advance --all', /Locked by devops since <!date.*lunch.*commander by/s)
  await asks('devops', '/deploy unlock', /Unlocked/)
  await asks('technical-lead', '/deploy advance --all', /Asked for phase 2/)
  const all = await openPlan(card, /Plan of phases 2 to 4/)
  await Promise.all(
    (['technical-lead', 'commander'] as const).map((role) => world.slack.click(user(role), all, 'approve')),
  )
  for (const [role, as] of [
    ['devops', 'devops'],
    ['sre', 'sre'],
    ['quality-lead', 'quality-lead'],
  ] as const) {
    if (role === 'quality-lead') await says(role, 'approve sre', card.ts, /sre was signed already, by sre at <!date/)
    const message = await clicks(role, all, 'approve', /Which one|counts/)
    if (/Which one/.test(wordsOf(message))) await clicks(role, message, `approve-as:${as}`, /counts/)
  }
  await team.hears(card, /Phase 2 of 4 starts/)
  await clicks('sre', all, 'withdraw', /Every role has signed/)
  await asks('sre', '/deploy advance', /asked for already.*Every role has signed/)
  await team.hears(card, /Phase 3 of 4 starts/)
  const list = await team.hears(card, /Checkpoints of phase 4:/)
  await clicks('commander', list, 'tick-off:1', /This needs quality-lead/)
  await team.hears(card, /Phase 3 passed/)
  for (const [place, role] of ['quality-lead', 'technical-lead', 'sre', 'devops'].entries()) {
    await clicks(role, list, `tick-off:${place + 1}`, /Ticked off/)
    if (place === 0) await clicks(role, list, 'tick-off:1', /ticked off already, by quality-lead at <!date/)
  }
  await team.hears(card, /Phase 4 of 4 starts/)
  await clicks('sre', list, 'tick-off:3', /phase 4 has started since/)
  const started = await eventsOf('phase-started')
  expect(new Set(started.slice(1).map((e) => e.type === 'phase-started' && e.request)).size).toBe(1)
}, 500_000)

test('the end of the rollout is told to whoever signs late, and the thread tells all of it once', async () => {
  await asks('commander', '/deploy rollback -f', /Rolling back/)
  await team.hears(card, /Cleaned up/)
  await says('sre', 'approve', card.ts, /rollout is over \(rolled-back\)/)
  const { expected, posted } = await settledStory(world, card, 1)
  expect(posted).toEqual(expected)
}, 500_000)

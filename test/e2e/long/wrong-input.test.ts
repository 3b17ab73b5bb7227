import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { keysOf } from '../../../src/ledger/keys.ts'
import { createReports } from '../../../src/ledger/reports.ts'
import { ledgerOf } from '../../../src/sandbox/ledger-of.ts'
import { type ReleaseTeam, releaseTeam } from '../../../src/sandbox/release-team.ts'
import { type SlackMessage, wordsOf } from '../../../src/sandbox/slack-driver.ts'
import { generalId } from '../../../src/sandbox/slack-workspace.ts'
import type { World } from '../../../src/sandbox/world.ts'
import { sampleFinding, sampleReport } from '../../readiness/sample-report.ts'
import { hostile } from '../../slack/hostile.ts'
import { chosen, type Forms, openForms, typed } from '../forms.ts'
import { startUnhurriedWorld } from '../unhurried.ts'

let world: World
let team: ReleaseTeam
let forms: Forms
/** Ephemeral messages that were read already. */
const read = new Set<string>()

async function begin(change?: (config: string) => string): Promise<void> {
  read.clear()
  world = await startUnhurriedWorld({ speed: 120 }, change)
  team = releaseTeam(world)
  forms = await openForms(world)
}

async function end(): Promise<void> {
  forms.close()
  await world.stop()
}

/** Every soak ends in a decision: no service answers that fast. */
const withTargetThatNeverHolds = (config: string) => config.replace('target: "< 500ms"', 'target: "< 1ms"')

const user = (role: string) => world.users[role] ?? ''

/** Waits for a private answer that nobody has read yet, and gives its words. */
async function answer(role: string, words: RegExp): Promise<string> {
  const found = await world.slack.waitForMessage(
    (m) => m.ephemeral_to === user(role) && !read.has(m.ts) && words.test(wordsOf(m)),
    60_000,
  )
  read.add(found.ts)
  return wordsOf(found)
}

/** Types a command and reads the private answer. */
async function asks(role: string, line: string, words: RegExp): Promise<string> {
  await world.slack.command(user(role), line)
  return answer(role, words)
}

async function clicks(role: string, message: SlackMessage, action: string, words: RegExp): Promise<string> {
  await world.slack.click(user(role), message, action)
  return answer(role, words)
}

/** Sends an open form with a reason that is none, and with one that is too long: it stays open and says what is wrong. */
async function refusesReasons(role: string, none: string): Promise<void> {
  forms.send(user(role), typed('reason', none))
  await forms.mistake('reason', /A reason is needed/)
  forms.send(user(role), typed('reason', 'x'.repeat(10_000)))
  await forms.mistake('reason', /reason has 10000 characters, at most 500/)
}

/** What is on record and what everybody can see: neither may change. What a busy machine keeps from readiness is told at any time. */
async function public_() {
  const shown = (await world.slack.messages()).filter(
    (m) => m.subtype !== 'ephemeral' && m.bot_id !== undefined && !/Readiness before phase/.test(wordsOf(m)),
  )
  const events = [...(await ledgerOf(world, 1)), ...(await ledgerOf(world, 2))]
  const orders = events.filter((e) => 'by' in e && e.by.via !== 'slipway')
  return { posted: shown.length, orders: orders.length }
}

describe('before a release', () => {
  beforeAll(() => begin())
  afterAll(end)

  test('an unknown subcommand is answered with the nearest one, in a mention too', async () => {
    const before = await public_()
    await asks('sre', '/deploy advnace', /no `\/deploy advnace`\. Did you mean `\/deploy advance`/)
    await asks('sre', `/deploy ${hostile}`, /Did you mean/)
    await world.slack.say(user('sre'), `<@U0SLIPWAY> stauts`)
    const told = await answer('sre', /no `@slipway stauts`\. Did you mean `@slipway status`/)
    expect(told).not.toContain('readiness <version>')
    await world.slack.say(user('sre'), `hey <@U0SLIPWAY> status`)
    await answer('sre', /No rollout of claude-enhancer is active/)
    expect(await public_()).toEqual(before)
  }, 500_000)

  test('the wrong channel is answered there, with the right one', async () => {
    const channel = generalId
    const post = (what: string, body: object) =>
      fetch(`${world.urls.slack}/_control/${what}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ channel, user: user('sre'), ...body }),
      })
    const answers = async () => {
      const all = await world.slack.messages(channel)
      return all.filter((m) => m.ephemeral_to === user('sre')).map((m) => m.text)
    }
    await post('command', { command: '/deploy', text: 'rollback -f' })
    await expect.poll(answers).toEqual([expect.stringMatching(/Releases are run in <#C0RELEASES>. Nothing was done/)])
    await post('message', { text: '<@U0SLIPWAY> status' })
    await expect.poll(answers).toHaveLength(2)
  }, 500_000)

  test('no version, an odd one, and a start without a valid report are answered with what would work', async () => {
    const before = await public_()
    await asks('sre', '/deploy readiness', /version is missing.*\/deploy readiness/)
    await asks('sre', '/deploy readiness five one', /a version is a tag such as 5\.1\.0/)
    await asks('sre', '/deploy advance ../../etc', /a version is a tag such as 5\.1\.0/)
    await asks('sre', '/deploy advance', /No rollout.*\/deploy readiness/)
    await asks('sre', '/deploy advance 5.1.0', /no readiness report for 5\.1\.0.*\/deploy readiness 5\.1\.0/)
    const redis = new Redis(world.redis.url)
    const reports = createReports(redis, keysOf(world.config.service))
    // Slipway goes by a clock of its own, which may be some ms behind this one.
    await reports.save(sampleReport('5.0.8', Date.now() - 60_000))
    const bad = ['A', 'B'].map((title) => sampleFinding(title, 'block'))
    await reports.save(sampleReport('5.0.9', Date.now() + 60_000, bad))
    redis.disconnect()
    await asks('sre', '/deploy advance 5.0.8', /no longer valid.*\/deploy readiness 5\.0\.8/)
    await asks('sre', '/deploy advance 5.0.9', /not ready \(2 blocking\)/)
    for (const line of ['pause', 'resume', 'rollback -f', 'abort', 'skip-soak because', 'finish', 'take-over'])
      await asks('sre', `/deploy ${line}`, /No rollout of claude-enhancer is active/)
    expect(await public_()).toEqual(before)
  }, 500_000)

  test('a reason that is empty or too long is told, with its length', async () => {
    await asks('sre', '/deploy skip-soak', /reason is missing/)
    await asks('sre', `/deploy pause ${'x'.repeat(10_000)}`, /reason has 10000 characters, at most 500/)
    await asks('sre', `/deploy skip-soak ${'x'.repeat(501)}`, /reason has 501 characters/)
  }, 500_000)

  test('/deploy alone opens a form with what is possible now, and does it', async () => {
    await world.slack.command(user('developer'), '/deploy')
    expect(await forms.opened('now')).toMatch(/No rollout of Claude Enhancer is active.*You hold no role/)
    expect(forms.choices()).toEqual(['readiness'])
    forms.send(user('developer'), { ...chosen('readiness'), ...typed('text', '') })
    await forms.mistake('text', /version is missing/)
    forms.send(user('developer'), {})
    await forms.mistake('choice', /Choose what to do/)
    forms.send(user('developer'), { ...chosen('readiness'), ...typed('text', '5.0.7') })
    await answer('developer', /Checking 5\.0\.7/)
    await forms.closed()
    const report = await world.slack.waitForMessage((m) => /5\.0\.7: (ready|NOT READY)/.test(m.text), 60_000)
    if (/NOT READY/.test(report.text)) await team.isReady('5.0.7')
    await world.slack.command(user('sre'), '/deploy')
    await forms.opened('now')
    expect(forms.choices()).toEqual(['start 5.0.7', 'readiness'])
  }, 500_000)
})

describe('during a release', () => {
  beforeAll(() => begin())
  afterAll(end)
  let card: SlackMessage
  let plan: SlackMessage

  test('a second rollout waits for the first; the start button pressed again starts nothing', async () => {
    card = await team.startRelease('5.1.0')
    plan = await team.hears(card, /Plan of phase 1/)
    const report = await world.slack.waitForMessage((m) => /5\.1\.0: ready/.test(m.text), 60_000)
    const before = await public_()
    await asks('commander', '/deploy advance 5.2.0', /asked for 5\.2\.0, but 5\.1\.0 is being rolled out.*roll back/)
    await clicks('commander', report, 'start', /Version 5\.1\.0 is being rolled out \(awaiting-sign-off\)/)
    await clicks('commander', report, 'start', /one rollout of a service at a time/)
    expect(await public_()).toEqual(before)
  }, 500_000)

  test('a button is for who holds its role, once, and while it is time', async () => {
    const before = await public_()
    const told = await clicks('developer', plan, 'approve', /This needs commander or sre/)
    expect(told).toMatch(/Ask <@U0COMMANDER>, <@U0SRE>/)
    await clicks('developer', card, 'pause', /hold none of these roles\. Ask <@/)
    expect(await public_()).toEqual(before)
    await clicks('sre', plan, 'approve', /Your sign-off counts/)
    await clicks('sre', plan, 'approve', /signed this request already, as sre/)
    await world.slack.click(user('commander'), plan, 'reject')
    await forms.opened('reject')
    await refusesReasons('commander', ' ')
    const reason = typed('reason', 'not with <!channel> & <https://example.com|this>')
    forms.send(user('commander'), reason)
    forms.send(user('commander'), reason)
    await answer('commander', /Rejected/)
    const shown = await team.hears(card, /Rejected\* by/)
    expect(JSON.stringify(shown.blocks)).toContain('&lt;!channel&gt; &amp; &lt;https://example.com|this&gt;')
    await clicks('sre', plan, 'approve', /request for phase 1 was rejected by commander/)
    await clicks('commander', plan, 'reject', /was rejected by commander/)
  }, 500_000)

  test('what people write is shown harmless', async () => {
    await world.slack.command(user('sre'), '/deploy pause <!channel> <https://example.com|click> & \u202Eback')
    const shown = await team.hears(card, /Paused\*/)
    expect(JSON.stringify(shown.blocks)).toContain('&lt;!channel&gt; &lt;https://example.com|click&gt; &amp; back')
    const back = await asks('sre', '/deploy pause again', /paused already, by sre.*\/deploy resume/)
    expect(back).not.toContain('<!channel>')
    await world.slack.command(user('sre'), '/deploy resume')
    await team.hears(card, /Resumed/)
  }, 500_000)

  test('a phase that has started takes the time of the buttons before it', async () => {
    await world.slack.command(user('commander'), '/deploy advance')
    const again = await world.slack.waitForMessage(
      (m) => /Plan of phase 1/.test(m.text) && m.ts !== plan.ts && /Approve/.test(JSON.stringify(m.blocks)),
      60_000,
    )
    for (const role of ['commander', 'sre']) await world.slack.click(user(role), again, 'approve')
    const passed = await team.hears(card, /Phase 1 passed/)
    await world.slack.command(user('sre'), '/deploy')
    expect(await forms.opened('now')).toMatch(/phase 1 of 4 passed/)
    expect(forms.choices()).toEqual(['advance', 'pause', 'rollback'])
    await clicks('sre', passed, 'advance', /Asked for phase 2/)
    forms.send(user('sre'), { ...chosen('advance'), ...typed('text', '') })
    await answer('sre', /Phase 2 was asked for already, by sre.*technical-lead or sre/)
    await team.signPhase(card, 2).catch(() => undefined)
    const before = await public_()
    await clicks('sre', passed, 'advance', /time of this button is over: phase 2 has started since/)
    expect((await public_()).orders).toBe(before.orders)
  }, 500_000)

  test('a rollout that is over answers its buttons and forms, and starts nothing', async () => {
    await world.slack.command(user('sre'), '/deploy')
    await forms.opened('now')
    expect(forms.choices()).toEqual(expect.arrayContaining(['pause', 'rollback']))
    const passed = await team.hears(card, /Phase 1 passed/)
    const open = await world.slack.messages().then((all) => all.find((m) => m.ts === card.ts))
    await world.slack.command(user('sre'), '/deploy rollback -f')
    await team.hears(card, /Cleaned up/)
    const before = await public_()
    forms.send(user('sre'), { ...chosen('pause'), ...typed('text', 'late') })
    await answer('sre', /rollout is over \(rolled-back\)\. Nothing was changed/)
    await clicks('commander', passed, 'advance', /rollout is over \(rolled-back\)/)
    if (open !== undefined) await clicks('commander', open, 'roll-back', /rollout is over/)
    expect(await public_()).toEqual(before)
    expect(await ledgerOf(world, 2)).toEqual([])
  }, 500_000)
})

describe('when a decision is awaited', () => {
  afterEach(end)

  test('Accept… is for who decides, with a reason, once, and for the figures that were shown', async () => {
    await begin(withTargetThatNeverHolds)
    const card = await team.startRelease('5.1.0')
    await team.signPhase(card, 1)
    const first = await team.hears(card, /Waiting for a decision/)
    await clicks('sre', first, 'accept-targets', /This needs commander.*Ask <@U0COMMANDER>/)
    await world.slack.click(user('commander'), first, 'accept-targets')
    await forms.opened('accept-targets')
    await refusesReasons('commander', ' \n ')
    // While the form stands open somebody else lets it soak on: what was to be accepted is no longer what there is.
    await clicks('sre', first, 'extend-soak', /Done/)
    await clicks('technical-lead', first, 'extend-soak', /time of this button is over: <@U0SRE> let it soak on/)
    const second = await world.slack.waitForMessage(
      (m) => m.thread_ts === card.ts && m.ts !== first.ts && /Waiting for a decision/.test(wordsOf(m)),
      60_000,
    )
    forms.send(user('commander'), typed('reason', 'seen it'))
    await answer('commander', /time of this button is over: <@U0SRE> let it soak on\. Your click changed nothing/)
    await clicks('commander', first, 'accept-targets', /time of this button is over/)
    await world.slack.click(user('commander'), second, 'accept-targets')
    await forms.opened('accept-targets')
    const reason = typed('reason', 'known: <!here>\n*Rolled back.*')
    forms.send(user('commander'), reason)
    forms.send(user('commander'), reason)
    const accepted = await team.hears(card, /Accepted\* by/)
    expect(JSON.stringify(accepted.blocks)).toContain('known: &lt;!here&gt; *Rolled back.*')
    await answer('commander', /Done/)
    await clicks('sre', second, 'accept-targets', /time of this button is over: <@U0COMMANDER> accepted the figures/)
    expect((await ledgerOf(world, 1)).filter((e) => e.type === 'targets-accepted')).toHaveLength(1)
  }, 500_000)
})

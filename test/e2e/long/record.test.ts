import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { chained, chainStart } from '../../../src/ledger/chain.ts'
import { readHeads } from '../../../src/ledger/head-text.ts'
import { keysOf } from '../../../src/ledger/keys.ts'
import { releaseTeam } from '../../../src/sandbox/release-team.ts'
import { wordsOf } from '../../../src/sandbox/slack-driver.ts'
import { slipwayMain } from '../../../src/sandbox/slipway-process.ts'
import type { World } from '../../../src/sandbox/world.ts'
import { startUnhurriedWorld } from '../unhurried.ts'

let world: World
beforeAll(async () => {
  world = await startUnhurriedWorld({ speed: 120 })
})
afterAll(() => world.stop())

const failed = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() })
/** A command of the terminal, with the environment of this world. */
async function slipway(...args: readonly string[]) {
  const env = { ...process.env, ...world.env }
  const { stdout, stderr, code } = await promisify(execFile)(process.execPath, [slipwayMain, ...args], { env }).then(
    (done) => ({ ...done, code: 0 }),
    (error: unknown) => failed.parse(error),
  )
  return { text: stdout + stderr, code }
}
const user = (role: string) => world.users[role] ?? ''
const answer = (role: string, words: RegExp) =>
  world.slack.waitForMessage((m) => m.ephemeral_to === user(role) && words.test(wordsOf(m)), 60_000)

test('the record of a release, in Slack, from a terminal, and when somebody rewrites it', async () => {
  const team = releaseTeam(world)
  const card = await team.startRelease('5.1.0')

  // A terminal asks, and signs nothing.
  expect(await slipway('status')).toMatchObject({ code: 0, text: expect.stringContaining('5.1.0') })
  expect(await slipway('pause', '--reason', 'lunch <!channel>')).toMatchObject({ code: 0 })
  const paused = await team.hears(card, /Paused.*by \S+ \(terminal, unverified\)/)
  expect(wordsOf(paused)).toContain('lunch &lt;!channel&gt;')
  expect(await slipway('resume')).toMatchObject({ code: 0 })
  expect(await slipway('advance')).toMatchObject({ code: 1, text: expect.stringMatching(/was asked for already/) })

  await world.slack.command(user('developer'), '/deploy pause')
  await answer('developer', /you hold none of these roles/)
  await team.signPhase(card, 1)
  const started = await team.hears(card, /Phase 1 of 4 starts/)
  const { service } = world.config
  const told = readHeads(wordsOf(started), service)
  expect(told.map(({ chain }) => chain)).toEqual([1, 'record'])
  const changes = await expect.poll(() => readHeads(JSON.stringify(world.pagerduty.changes()), service), {
    timeout: 60_000,
  })
  await changes.toContainEqual(told[0])

  await world.slack.command(user('developer'), '/deploy history')
  await answer('developer', /#1 5\.1\.0: .*started by/)
  await world.slack.command(user('sre'), '/deploy history 1')
  const story = await answer('sre', /signed off as sre/)
  expect(wordsOf(story)).not.toContain('<!channel>')

  const refusals = await slipway('audit', '--kind', 'refusal')
  expect(refusals.text).toMatch(/pause: role-not-held/)
  expect(refusals.text).toMatch(/unverified.*advance: already-asked.*from terminal/)
  expect(await slipway('audit', '--verify')).toMatchObject({ code: 0, text: expect.stringMatching(/^Whole/) })

  // Everything in Redis rewritten, so that it fits with itself: only what was told in the thread is against it.
  await world.slipway?.stop()
  const redis = new Redis(world.redis.url)
  const keys = keysOf(service)
  const rewrite = async (key: string, change: (entry: Record<string, unknown>) => object) => {
    const entries = (await redis.lrange(key, 0, -1)).map((line) => change(JSON.parse(line)))
    const lines = chained(entries, chainStart).map((entry) => JSON.stringify(entry))
    await redis
      .multi()
      .del(key)
      .rpush(key, ...lines)
      .exec()
    return lines.map((line) => JSON.parse(line))
  }
  const events = await rewrite(keys.events(1), (event) =>
    event.type === 'signed-off' ? { ...event, role: 'devops' } : event,
  )
  await rewrite(keys.record, ({ led, ...entry }) => {
    const { version } = z.object({ version: z.number() }).safeParse(led).data ?? {}
    return version === undefined ? entry : { ...entry, led: { rollout: 1, version, hash: events[version - 1].hash } }
  })
  redis.disconnect()
  const verified = await slipway('audit', '--verify')
  expect(verified.text).toMatch(/NOT WHOLE/)
  expect(verified.text).toMatch(/is not the one that there was\. Its head was told/)
  expect(verified.code).toBe(1)
}, 500_000)

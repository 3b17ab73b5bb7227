import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { channelId } from '../../../src/sandbox/slack-workspace.ts'
import { createRateLimit } from '../../../src/sandbox/strict-slack/rate-limit.ts'
import { type Strict, startStrict } from './strict.ts'

let strict: Strict
beforeAll(async () => {
  strict = await startStrict()
})
beforeEach(() => {
  strict.time += 3_600_000
})
afterAll(() => strict.stop())

/** How many of `count` calls in a row are taken, and what the last one is answered. */
async function inARow(count: number, call: () => ReturnType<Strict['call']>) {
  let taken = 0
  let last = await call()
  for (let i = 1; i <= count; i++) {
    if (last.body.ok === true) taken += 1
    if (i < count) last = await call()
  }
  return { taken, last }
}

const limited = (after: string) => ({ status: 429, retryAfter: after, body: { ok: false, error: 'ratelimited' } })

test('one post a second to a channel, and a few at once', async () => {
  const post = () => strict.post({ text: 'a' })
  const burst = await inARow(9, post)
  expect(burst).toEqual({ taken: 8, last: limited('1') })
  strict.time += 999
  expect(await post()).toEqual(limited('1'))
  strict.time += 1
  expect((await post()).body).toMatchObject({ ok: true })
  expect(await post()).toEqual(limited('1'))
})

test('what is refused as too much is not posted', async () => {
  const before = (await strict.texts()).length
  const { taken } = await inARow(10, () => strict.post({ text: 'a' }))
  expect((await strict.texts()).length - before).toBe(taken)
})

test('50 edits a minute, whichever message', async () => {
  const { body } = await strict.post({ text: 'a' })
  const edit = () => strict.call('chat.update', { channel: channelId, ts: body.ts, text: 'b' })
  const { taken, last } = await inARow(51, edit)
  expect({ taken, last }).toEqual({ taken: 50, last: limited('2') })
  strict.time += 1_200
  expect((await edit()).body).toMatchObject({ ok: true })
  expect((await edit()).status).toBe(429)
})

test('20 looks at user groups a minute', async () => {
  strict.slack.scopes.bot.add('usergroups:read')
  const { taken, last } = await inARow(21, () => strict.call('usergroups.list', {}))
  expect({ taken, last }).toEqual({ taken: 20, last: limited('3') })
})

test('a bucket is counted by its name, and never fuller than full', () => {
  let time = 0
  const limit = createRateLimit(() => time)
  const two = { burst: 2, every: 10_000 }
  const count = (key: string) => limit.count(key, two)
  expect([count('a'), count('a'), count('a'), count('b')]).toEqual([0, 0, 10, 0])
  time = 9_001
  expect(count('a')).toBe(1)
  time = 1_000_000
  expect([count('a'), count('a'), count('a')]).toEqual([0, 0, 10])
})

import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { Secret } from '../../src/config/secret.ts'
import { freePort } from '../../src/sandbox/free-port.ts'
import { createListener, type Listener } from '../../src/slack/app.ts'
import type { Wish } from '../../src/slack/ask.ts'
import { listen } from '../../src/slack/listeners/index.ts'

const secret = 'a-signing-secret-of-the-app'
let listener: Listener
let url: string
let taken: Wish[] = []
let refused: object[] = []
const warnings: string[] = []

beforeAll(async () => {
  const port = await freePort()
  url = `http://127.0.0.1:${port}/slack/events`
  const warn = (_: object, text: string) => void warnings.push(text)
  const log = { info: () => undefined, warn, error: () => undefined }
  const connection = { kind: 'http', signingSecret: new Secret(secret), port } as const
  listener = createListener({ botToken: new Secret('xoxb-1'), connection }, 300, log, systemClock)
  const unused = async () => {
    throw new Error('no form is opened here')
  }
  listen(listener.app, {
    desk: {
      take: async (wish) => void taken.push(wish),
      refused: (wish, { text, refused: code }) => void refused.push({ wish, text, code }),
    },
    look: { form: unused, home: unused, fromMemory: () => '', barred: async () => null, against: unused },
    service: 'shop',
    self: 'U0BOT',
    channel: () => 'C0RELEASES',
    now: () => 1,
  })
  await listener.start()
})
beforeEach(() => {
  taken = []
  refused = []
  warnings.splice(0)
})
afterAll(() => listener.app.stop())

interface Sent {
  readonly channel?: string
  readonly text?: string
  readonly with?: string
  /** Seconds since it was signed. */
  readonly age?: number
  readonly changed?: (body: string) => string
  readonly headers?: (all: Readonly<Record<string, string>>) => Readonly<Record<string, string>>
}

/** Sends a command as Slack does, signed with `with`; returns the status. */
async function send({
  text = 'rollback -f',
  channel = 'C0RELEASES',
  with: by = secret,
  age = 0,
  changed,
  headers,
}: Sent): Promise<number> {
  const at = String(Math.floor(Date.now() / 1_000) - age)
  const fields = { command: '/deploy', text, team_id: 'T1', user_id: 'U1', user_name: 'ann', channel_id: channel }
  const body = new URLSearchParams({ ...fields, trigger_id: '1.2.3' }).toString()
  const signature = `v0=${createHmac('sha256', by).update(`v0:${at}:${body}`).digest('hex')}`
  const signed = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': at,
    'x-slack-signature': signature,
  }
  const sent = changed?.(body) ?? body
  return (await fetch(url, { method: 'POST', headers: headers?.(signed) ?? signed, body: sent })).status
}

test('a signed request is taken', async () => {
  expect(await send({})).toBe(200)
  expect(taken).toMatchObject([{ user: { id: 'U1' }, ask: { kind: 'rollback', forced: true } }])
})

test.each<readonly [string, Sent]>([
  ['signed with another secret', { with: 'another secret' }],
  ['changed after it was signed', { changed: (body) => body.replace('user_id=U1', 'user_id=U2') }],
  ['replayed ten minutes later', { age: 600 }],
  ['dated with another time', { headers: (all) => ({ ...all, 'x-slack-request-timestamp': '1' }) }],
  ['not signed', { headers: ({ 'x-slack-signature': _, ...rest }) => rest }],
  ['without a time', { headers: ({ 'x-slack-request-timestamp': _, ...rest }) => rest }],
  ['of an unknown kind of signature', { headers: (all) => ({ ...all, 'x-slack-signature': 'v1=0' }) }],
])('a request that is %s is refused, and nothing is taken', async (_, forged) => {
  expect(await send(forged)).toBe(401)
  expect(taken).toEqual([])
})

test('refused requests are told once, until one was signed: anybody may send them, but with a wrong secret all are', async () => {
  const about = expect.stringMatching(/^a request to SLIPWAY_SLACK_PORT was refused: .*SLACK_SIGNING_SECRET/)
  await send({})
  for (const forged of [{ with: 'another secret' }, { age: 600 }, { with: 'a third' }]) await send(forged)
  expect(warnings).toEqual([about])
  await send({})
  await send({ with: 'another secret' })
  expect(warnings).toEqual([about, about])
})

test('a request that is replayed at once is the same wish: the queue takes it once', async () => {
  await send({})
  await send({})
  expect(taken).toHaveLength(2)
  expect(new Set(taken.map(({ id }) => id)).size).toBe(1)
})

test('a command that is not understood goes the same way, so that it is on record', async () => {
  expect(await send({ text: 'rolback &lt;!channel&gt; now' })).toBe(200)
  expect(taken).toMatchObject([
    { ask: { kind: 'unclear', mistake: expect.stringContaining('/deploy rollback'), said: 'rolback <!channel> now' } },
  ])
})

test('a command in another channel is refused there, and on record', async () => {
  expect(await send({ channel: 'C0OTHER' })).toBe(200)
  expect(taken).toEqual([])
  const from = { via: 'command', channel: 'C0OTHER' }
  const text = 'Releases are run in <#C0RELEASES>. Nothing was done. Use `/deploy` there.'
  expect(refused).toMatchObject([{ wish: { from, ask: { kind: 'rollback' } }, text, code: 'other-channel' }])
})

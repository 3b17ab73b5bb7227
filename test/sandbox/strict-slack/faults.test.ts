import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { channelId, slackApp, userOf } from '../../../src/sandbox/slack-workspace.ts'
import { type Strict, startStrict } from './strict.ts'

let strict: Strict
beforeAll(async () => {
  strict = await startStrict()
})
afterEach(() => {
  strict.slack.setFault(null)
  strict.time += 3_600_000
})
afterAll(() => strict.stop())

/** Slack answers late or never where it is `slow` or `unanswered`. */
const post = (text: string, timeout = 20_000) =>
  fetch(`${strict.slack.apiUrl}chat.postMessage`, {
    method: 'POST',
    headers: { authorization: `Bearer ${slackApp.botToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ channel: channelId, text }),
    signal: AbortSignal.timeout(timeout),
  })

/** A socket of the app, as Socket Mode opens one. */
async function connect(): Promise<WebSocket> {
  const { body } = await strict.call('apps.connections.open', {}, slackApp.appToken)
  const socket = new WebSocket(z.object({ url: z.string() }).parse(body).url)
  await once(socket, 'open')
  return socket
}

describe('Slack is', () => {
  test('off: nothing is taken, sockets are cut, and it comes back', async () => {
    const socket = await connect()
    const closed = once(socket, 'close')
    const { body } = await strict.call('apps.connections.open', {}, slackApp.appToken)
    strict.slack.setFault('off')
    await closed
    await expect(post('off')).rejects.toThrow('fetch failed')
    const refused = new WebSocket(z.object({ url: z.string() }).parse(body).url)
    await once(refused, 'error')
    strict.slack.setFault(null)
    expect((await post('back')).status).toBe(200)
    expect(await strict.texts()).toEqual(['back'])
    const again = await connect()
    again.close()
  })

  test('failing', async () => {
    strict.slack.setFault('failing')
    expect((await post('failing')).status).toBe(503)
    expect(await strict.texts()).not.toContain('failing')
  })

  test('throttled', async () => {
    strict.slack.setFault('throttled')
    const response = await post('throttled')
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '2'])
    expect(await strict.texts()).not.toContain('throttled')
  })

  test('answering nonsense', async () => {
    strict.slack.setFault('nonsense')
    const response = await post('nonsense')
    expect(response.status).toBe(200)
    await expect(response.json()).rejects.toThrow()
    expect(await strict.texts()).not.toContain('nonsense')
  })

  test('acting, and never answering', async () => {
    strict.slack.setFault('unanswered')
    await expect(post('unanswered', 300)).rejects.toThrow('timeout')
    await expect.poll(strict.texts).toContain('unanswered')
  })

  test('slow: it answers, but not soon', async () => {
    strict.slack.setFault('slow')
    await expect(post('slow', 300)).rejects.toThrow('timeout')
    await expect.poll(strict.texts).toContain('slow')
    expect((await strict.call('auth.test', {})).body).toMatchObject({ ok: true })
  })
})

test('whatever it is, the page goes on', async () => {
  strict.slack.setFault('off')
  expect((await fetch(strict.slack.url)).headers.get('content-type')).toMatch('text/html')
  const page = new WebSocket(`${strict.slack.url.replace('http', 'ws')}/ui`)
  const [first] = await once(page, 'message')
  expect(z.object({ data: z.string() }).parse(first).data).toMatch(/"t":"init"/)
  const said = await fetch(`${strict.slack.url}/_control/message`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ channel: channelId, user: userOf('sre'), text: 'typed by a person' }),
  })
  expect(said.status).toBe(200)
  expect(await strict.texts()).toContain('typed by a person')
  page.close()
})

test('a workspace that is gone is gone', async () => {
  const other = await startStrict()
  await fetch(other.slack.url)
  const { url } = other.slack
  await other.stop()
  await expect(fetch(url)).rejects.toThrow()
})

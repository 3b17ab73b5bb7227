import { createServer } from 'node:http'
import { LogLevel, WebClient } from '@slack/web-api'
import { afterEach, expect, test } from 'vitest'
import { createReach } from '../../src/slack/reach.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** Slack's API, which gives every call this answer; null gives none. */
async function slackThat(
  status: number,
  body: object | null,
  timeout = 20_000,
): Promise<{ client: WebClient; calls: string[] }> {
  const calls: string[] = []
  const server = createServer((request, response) => {
    calls.push(request.url ?? '')
    if (body === null) return
    response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '1' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const options = { timeout, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true, logLevel: LogLevel.ERROR }
  return { client: new WebClient('xoxb-1', { ...options, slackApiUrl: `http://127.0.0.1:${port}/api/` }), calls }
}

test('Slack is reached when its API answers and clicks arrive', async () => {
  const { client, calls } = await slackThat(200, { ok: true })
  expect(await createReach(client, () => true).reachable()).toBe(true)
  expect(calls).toEqual(['/api/auth.test'])
})

test('without a connection for clicks its API is not even asked', async () => {
  const { client, calls } = await slackThat(200, { ok: true })
  expect(await createReach(client, () => false).reachable()).toBe(false)
  expect(calls).toEqual([])
})

test.each([
  ['refuses', 200, { ok: false, error: 'invalid_auth' }],
  ['throttles', 429, { ok: false, error: 'ratelimited' }],
  ['stumbles', 503, {}],
  ['is silent', 200, null],
] as const)('an API that %s is not reached, and nothing is thrown', async (_, status, body) => {
  const { client } = await slackThat(status, body, body === null ? 300 : undefined)
  expect(await createReach(client, () => true).reachable()).toBe(false)
})

test('an API that is not there is not reached', async () => {
  const { client } = await slackThat(200, { ok: true })
  for (const close of closing.splice(0)) close()
  expect(await createReach(client, () => true).reachable()).toBe(false)
})

import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type SandboxPagerDuty, startPagerDuty } from '../../../src/sandbox/pagerduty/pagerduty.ts'

let dir: string
let pagerduty: SandboxPagerDuty
let ca: Buffer

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-pagerduty-'))
  pagerduty = await startPagerDuty({ dir })
  ca = await readFile(pagerduty.caFile)
})
afterAll(async () => {
  await pagerduty.close()
  await rm(dir, { recursive: true, force: true })
})

const reply = z.object({ statusCode: z.number(), body: z.unknown() })

/** Speaks to the API as a process that trusts the certificate file. */
async function call(method: 'GET' | 'POST', path: string, body?: unknown, headers: Record<string, string> = {}) {
  const agent = new Agent({ connect: { ca } })
  try {
    const response = await agent.request({
      origin: `https://${pagerduty.host}`,
      method,
      path,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    return reply.parse({ statusCode: response.statusCode, body: await response.body.json() })
  } finally {
    await agent.close()
  }
}

const event = (key: string, parts: object = {}) => ({
  routing_key: pagerduty.routingKey,
  event_action: 'trigger',
  dedup_key: key,
  client: 'Slipway',
  payload: { summary: 'Rolled back', source: 'the service', severity: 'critical' },
  ...parts,
})
const enqueue = (body: unknown) => call('POST', '/v2/enqueue', body)
const token = () => ({ authorization: `Token token=${pagerduty.apiToken}` })

describe('Events API', () => {
  test('accepts at once, and shows the incident a moment later', async () => {
    const asked = Date.now()
    expect(await enqueue(event('a'))).toEqual({
      statusCode: 202,
      body: { status: 'success', message: 'Event processed', dedup_key: 'a' },
    })
    await expect.poll(() => pagerduty.incidents()).toMatchObject([{ number: 4711, key: 'a' }])
    expect(pagerduty.incidents()[0]?.createdAt).toBeGreaterThanOrEqual(asked + 98)
  })

  test('makes a key for an event without one', async () => {
    const { body } = await enqueue(event('', { dedup_key: undefined }))
    expect(body).toMatchObject({ dedup_key: expect.stringMatching(/.{30}/) })
  })

  test.each<[string, object]>([
    ['an unknown routing key', { routing_key: 'x'.repeat(32) }],
    ['an unknown action', { event_action: 'explode' }],
    ['a key that is too long', { dedup_key: 'x'.repeat(256) }],
    ['a summary that is too long', { payload: { summary: 'x'.repeat(1_025), source: 's', severity: 'info' } }],
    ['an unknown severity', { payload: { summary: 'x', source: 's', severity: 'bad' } }],
  ])('refuses %s', async (_what, parts) => {
    const { statusCode, body } = await enqueue(event('refused', parts))
    expect(statusCode).toBe(400)
    expect(body).toMatchObject({ status: 'invalid event', errors: [expect.any(String)] })
  })

  test('refuses what is no JSON', async () => expect((await enqueue('{')).statusCode).toBe(400))
})

describe('REST API', () => {
  test('finds incidents by key', async () => {
    await enqueue(event('b'))
    const found = async () => (await call('GET', '/incidents?incident_key=b', undefined, token())).body
    await expect.poll(found).toMatchObject({
      incidents: [
        {
          incident_key: 'b',
          status: 'triggered',
          html_url: expect.stringContaining(`${pagerduty.pageUrl}/incidents/`),
        },
      ],
      more: false,
    })
  })

  test.each([{}, { authorization: 'Token token=other' }])('asks for the token', async (headers) => {
    expect((await call('GET', '/incidents', undefined, headers)).statusCode).toBe(401)
  })

  test('knows no other address', async () => {
    expect((await call('GET', '/services', undefined, token())).statusCode).toBe(404)
    expect((await call('GET', '//', undefined, token())).statusCode).toBe(404)
  })
})

describe('page', () => {
  test('shows what is in an incident as text, never as markup', async () => {
    const details = { note: '<img src=x onerror=alert(1)>', figures: { p95: 520 } }
    const payload = { summary: `<script>"x" & 'y'</script>`, source: 's<', severity: 'error', custom_details: details }
    await enqueue(event('page"key', { payload }))
    const shown = async () => (await fetch(pagerduty.pageUrl)).text()
    await expect.poll(shown).toContain('page&quot;key')
    const html = await shown()
    expect(html).not.toContain('<script')
    expect(html).not.toContain('<img')
    expect(html).toContain('&lt;script&gt;&quot;x&quot; &amp; &#39;y&#39;&lt;/script&gt;')
    expect(html).toContain('{&quot;p95&quot;:520}')
    expect(html).toContain('http-equiv="refresh"')
  })

  test('one incident has its own page', async () => {
    await expect.poll(() => pagerduty.incidents().length).toBeGreaterThan(0)
    const html = await (await fetch(`${pagerduty.pageUrl}/incidents/4711`)).text()
    expect(html.match(/<article/g)).toHaveLength(1)
    expect((await fetch(`${pagerduty.pageUrl}/incidents/1`)).status).toBe(404)
    expect((await fetch(`${pagerduty.pageUrl}/elsewhere`)).status).toBe(404)
  })

  test('has the incidents as JSON', async () => {
    const response = await fetch(`${pagerduty.pageUrl}/incidents.json`)
    expect(await response.json()).toEqual(pagerduty.incidents())
  })
})

describe('faults', () => {
  test.each([
    ['failing', 500],
    ['throttled', 429],
  ] as const)('%s', async (fault, status) => {
    pagerduty.setFault(fault)
    expect((await enqueue(event('fault'))).statusCode).toBe(status)
    pagerduty.setFault(null)
    expect((await enqueue(event('fault'))).statusCode).toBe(202)
  })

  test('off cuts the connection, and leaves the page', async () => {
    pagerduty.setFault('off')
    await expect(enqueue(event('fault'))).rejects.toThrow(/other side closed|ECONNRESET/)
    expect((await fetch(pagerduty.pageUrl)).status).toBe(200)
    pagerduty.setFault(null)
  })
})

test('the certificate is for localhost, and outlives a restart', async () => {
  const certificate = new X509Certificate(ca)
  expect(certificate.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1')
  const other = await startPagerDuty({ dir })
  await other.close()
  expect(await readFile(other.caFile)).toEqual(ca)
})

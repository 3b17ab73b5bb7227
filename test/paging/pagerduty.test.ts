import { inspect } from 'node:util'
import nock from 'nock'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { SlipwayError } from '../../src/errors.ts'
import type { Clock, Page } from '../../src/jobs/ports.ts'
import { createPagerDuty, type PagerDutyOptions } from '../../src/paging/pagerduty.ts'

const routingKey = 'r0ut1ngk3y0f32characters00000000'
const apiToken = 'rest+token/of=20char'
const servicePage = 'https://example.pagerduty.com/service-directory/P1'

/** Time passes only by waiting. */
function jumpingClock(): Clock & { readonly waited: number[] } {
  const waited: number[] = []
  return {
    waited,
    now: () => waited.reduce((sum, ms) => sum + ms, 0),
    wait: async (ms) => {
      waited.push(ms)
    },
  }
}

function paging(parts: Partial<PagerDutyOptions> = {}) {
  return createPagerDuty({
    routingKey,
    servicePage,
    timeout: 20_000,
    source: 'the service',
    clock: jumpingClock(),
    ...parts,
  })
}

const page: Page = {
  key: 'the-service/7/error-rate/1',
  severity: 'critical',
  summary: 'Rolled back: error rate 0.83 %, limit 0.5 %',
  details: { version: '5.1.0', phase: '2' },
}

const success = { status: 'success', message: 'Event processed', dedup_key: page.key }
const events = () => nock('https://events.pagerduty.com')
const rest = () => nock('https://api.pagerduty.com', { reqheaders: { authorization: `Token token=${apiToken}` } })
const bodies: unknown[] = []
const enqueue = () =>
  events().post('/v2/enqueue', (body) => {
    bodies.push(body)
    return true
  })

beforeAll(() => nock.disableNetConnect())
afterEach(() => {
  const pending = nock.pendingMocks()
  nock.cleanAll()
  bodies.length = 0
  expect(pending).toEqual([])
})
afterAll(() => {
  nock.enableNetConnect()
  nock.restore()
})

async function rejection(promise: Promise<unknown>): Promise<SlipwayError> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof SlipwayError)) throw error
  const shown = inspect(error, { depth: 10, showHidden: true })
  expect(shown).not.toContain(routingKey)
  expect(shown).not.toContain(apiToken)
  return error
}

describe('events', () => {
  test('trigger', async () => {
    enqueue().reply(202, success)
    expect(await paging().trigger(page)).toEqual({ link: servicePage })
    expect(bodies).toEqual([
      {
        routing_key: routingKey,
        event_action: 'trigger',
        dedup_key: page.key,
        client: 'Slipway',
        payload: {
          summary: page.summary,
          source: 'the service',
          severity: 'critical',
          custom_details: { version: '5.1.0', phase: '2' },
        },
      },
    ])
  })

  test('resolve', async () => {
    enqueue().reply(202, success)
    await paging().resolve(page.key)
    expect(bodies).toMatchObject([{ routing_key: routingKey, event_action: 'resolve', dedup_key: page.key }])
  })

  test('what is too long is cut, and the key is the same in both', async () => {
    enqueue().times(2).reply(202, success)
    const key = 'k'.repeat(300)
    await paging().trigger({ ...page, key, summary: 's'.repeat(2_000), details: { log: 'l'.repeat(600_000) } })
    await paging().resolve(key)
    const lengths = z.object({ dedup_key: z.string().length(255) })
    const [triggered, resolved] = z.tuple([lengths, lengths]).parse(bodies)
    expect(triggered.dedup_key).toBe(resolved.dedup_key)
    expect(bodies[0]).toMatchObject({
      payload: {
        summary: expect.stringMatching(/^s{1023}…$/),
        custom_details: { log: expect.stringMatching(/^l{4095}…$/) },
      },
    })
  })

  test('another host', async () => {
    nock('https://localhost:8443').post('/v2/enqueue').reply(202, success)
    await paging({ eventsHost: 'localhost:8443' }).resolve(page.key)
  })
})

describe('failures', () => {
  test.each([400, 401, 403, 404, 413])('%d is refused', async (status) => {
    enqueue().reply(status, { status: 'invalid event', message: `bad ${routingKey}`, errors: [apiToken] })
    const error = await rejection(paging({ apiToken }).trigger(page))
    expect(error).toMatchObject({ code: 'paging-refused', detail: { status } })
    expect(inspect(error.cause)).toContain('bad [secret]')
  })

  test.each([408, 500, 502, 503])('%d is unreachable', async (status) => {
    enqueue().reply(status, { error: routingKey })
    expect(await rejection(paging().trigger(page))).toMatchObject({ code: 'paging-unreachable' })
    enqueue().reply(status, { error: routingKey })
    expect(await rejection(paging().resolve(page.key))).toMatchObject({ code: 'paging-unreachable' })
  })

  test('429 is tried again within the time limit', async () => {
    enqueue().reply(429, {})
    enqueue().reply(202, success)
    expect(await paging({ timeout: 3_000 }).trigger(page)).toEqual({ link: servicePage })
    expect(bodies).toHaveLength(2)
  })

  test('429 that stays is unreachable, within the time limit', async () => {
    // How many tries the time is enough for is the machine's affair.
    enqueue().optionally().times(4).reply(429, {})
    const start = Date.now()
    expect(await rejection(paging({ timeout: 800 }).trigger(page))).toMatchObject({ code: 'paging-unreachable' })
    expect(Date.now() - start).toBeLessThan(15_000)
  })

  test.each([
    [429, { 'retry-after': '30' }, '{}'],
    [503, { 'retry-after': 'Wed, 01 Jul 2026 03:00:30 GMT', date: 'Wed, 01 Jul 2026 03:00:00 GMT' }, '{}'],
  ])('%d with %j tells for how long', async (status, headers, body) => {
    enqueue()
      .times(status === 429 ? 4 : 1)
      .reply(status, body, headers)
    const error = await rejection(paging({ timeout: 5_000 }).trigger(page))
    expect(error).toMatchObject({ code: 'paging-unreachable', detail: { after: 30_000 } })
    expect(error.message).toBe('PagerDuty asks for a pause of 30 s.')
  })

  test.each(['ECONNREFUSED', 'ENOTFOUND', 'ECONNRESET'])('%s is unreachable', async (code) => {
    enqueue().replyWithError(Object.assign(new Error(`${code} ${routingKey}`), { code }))
    const error = await rejection(paging().trigger(page))
    expect(error.code).toBe('paging-unreachable')
    expect(inspect(error.cause)).toContain(code)
  })

  test.each([
    ['HTML', '<html>busy</html>'],
    ['other JSON', { ok: true }],
    ['null', 'null'],
    ['nothing', ''],
  ])('202 with %s is unreachable', async (_what, body) => {
    enqueue().reply(202, body, { 'content-type': 'application/json' })
    expect(await rejection(paging().trigger(page))).toMatchObject({ code: 'paging-unreachable' })
  })

  test('a redirection takes the routing key nowhere', async () => {
    enqueue().reply(307, {}, { location: 'https://elsewhere.example/v2/enqueue' })
    expect(await rejection(paging().trigger(page))).toMatchObject({ code: 'paging-unreachable' })
  })

  test('silence is unreachable at the time limit', async () => {
    enqueue().delay(60_000).reply(202, success)
    const start = Date.now()
    expect(await rejection(paging({ timeout: 200 }).resolve(page.key))).toMatchObject({ code: 'paging-unreachable' })
    expect(Date.now() - start).toBeLessThan(15_000)
  })

  test('an address that is none is unreachable', async () => {
    expect(await rejection(paging({ eventsHost: ':::' }).trigger(page))).toMatchObject({ code: 'paging-unreachable' })
  })
})

describe('link', () => {
  const incident = (number: number, status: string) => ({
    id: `Q${number}`,
    incident_number: number,
    status,
    html_url: `https://example.pagerduty.com/incidents/Q${number}`,
  })
  const look = () => rest().get('/incidents').query({ incident_key: page.key })

  test('of the incident, once it is there', async () => {
    const clock = jumpingClock()
    enqueue().reply(202, success)
    look().times(2).reply(200, { incidents: [] })
    look().reply(200, { incidents: [incident(9, 'triggered')] })
    const link = await paging({ apiToken, clock }).trigger(page)
    expect(link).toEqual({ link: 'https://example.pagerduty.com/incidents/Q9' })
    expect(clock.waited).toEqual([250, 500, 1_000])
  })

  test('never of a resolved one, and of the newest open one', async () => {
    enqueue().reply(202, success)
    look().reply(200, { incidents: [incident(7, 'resolved')] })
    look().reply(200, {
      incidents: [
        incident(7, 'resolved'),
        incident(8, 'triggered'),
        incident(9, 'acknowledged'),
        incident(10, 'resolved'),
      ],
    })
    const link = await paging({ apiToken }).trigger(page)
    expect(link).toEqual({ link: 'https://example.pagerduty.com/incidents/Q9' })
  })

  test("the service's page when it doesn't come, in less than 10 s", async () => {
    const clock = jumpingClock()
    enqueue().reply(202, success)
    look().times(5).reply(200, { incidents: [] })
    expect(await paging({ apiToken, clock }).trigger(page)).toEqual({ link: servicePage })
    expect(clock.now()).toBeLessThan(10_000)
  })

  test('no further look when the time is over', async () => {
    let now = 0
    const clock: Clock = {
      now: () => now,
      wait: async () => {
        now += 5_000
      },
    }
    enqueue().reply(202, success)
    look().reply(200, { incidents: [] })
    expect(await paging({ apiToken, clock }).trigger(page)).toEqual({ link: servicePage })
  })

  test.each([401, 403, 404])("the service's page at once when the token is refused (%d)", async (status) => {
    const clock = jumpingClock()
    enqueue().reply(202, success)
    look().reply(status, { error: { message: apiToken } })
    expect(await paging({ apiToken, clock }).trigger(page)).toEqual({ link: servicePage })
    expect(clock.waited).toHaveLength(1)
  })

  test('a look that fails is repeated', async () => {
    enqueue().reply(202, success)
    look().reply(500, {})
    look().reply(200, '<html>')
    look().replyWithError('cut')
    look().reply(200, { incidents: [{ html_url: 'javascript:alert(1)', incident_number: 1, status: 'triggered' }] })
    look().reply(200, { incidents: [incident(3, 'triggered')] })
    const link = await paging({ apiToken }).trigger(page)
    expect(link).toEqual({ link: 'https://example.pagerduty.com/incidents/Q3' })
  })

  test('another host', async () => {
    enqueue().reply(202, success)
    nock('https://localhost:8443')
      .get('/incidents')
      .query({ incident_key: page.key })
      .reply(200, { incidents: [incident(3, 'triggered')] })
    const link = await paging({ apiToken, apiHost: 'localhost:8443' }).trigger(page)
    expect(link.link).toContain('Q3')
  })

  test('no look at all when the page was not accepted', async () => {
    enqueue().reply(500, {})
    await rejection(paging({ apiToken }).trigger(page))
  })
})

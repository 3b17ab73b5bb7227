import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, test } from 'vitest'
import { createPrometheus } from '../../src/metrics/prometheus.ts'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  server = undefined
})

/** Asks a server that is no Prometheus, or a broken one. */
async function ask(listener: RequestListener, timeout = 20_000, promql = 'secret_free') {
  server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  return askAt(`http://user:hunter2@127.0.0.1:${port}/prefix`, timeout, promql)
}

function askAt(url: string, timeout = 20_000, promql = 'secret_free') {
  return createPrometheus({ url, timeout, clock: { now: () => Date.now() } }).query(promql, 300_000)
}

const vector = (result: unknown, more: object = {}) =>
  JSON.stringify({ status: 'success', data: { resultType: 'vector', result }, ...more })

describe('an answer that is none', () => {
  test.each([
    ['HTML', '<html><h1>Welcome</h1></html>'],
    ['nothing', ''],
    ['null', 'null'],
    ['other JSON', '{"ok":true}'],
    ['a status without data', '{"status":"success"}'],
    ['another kind of data', '{"status":"success","data":{"resultType":"poem","result":[]}}'],
    ['a series without a value', vector([{ metric: {} }])],
    ['a value that is no number', vector([{ metric: {}, value: [1, '3abc'] }])],
    ['a number in place of text', vector([{ metric: {}, value: [1, 3] }])],
    ['a native histogram', vector([{ metric: {}, histogram: [1, { count: '1', sum: '1' }] }])],
    ['an error with status 200', '{"status":"error","errorType":"execution","error":"x"}'],
  ])('%s', async (_name, body) => {
    expect(await ask((_request, response) => response.end(body))).toEqual({
      missing: 'failed',
      detail: 'not an answer of Prometheus',
    })
  })

  test('a huge one', async () => {
    const sample = await ask((_request, response) => response.end(vector('x'.repeat(5_000_000))))
    expect(sample).toEqual({ missing: 'failed', detail: 'answer too large or cut off' })
  })

  test('one cut off', async () => {
    const sample = await ask((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('{"status"', () => response.destroy())
    })
    expect(sample).toMatchObject({ missing: 'failed' })
  })

  test('a redirection is not followed', async () => {
    let asked = 0
    const sample = await ask((_request, response) => {
      asked += 1
      response.writeHead(302, { location: '/elsewhere' }).end()
    })
    expect(sample).toEqual({ missing: 'failed', detail: 'status 302' })
    expect(asked).toBe(1)
  })

  test.each([
    [503, '<html>no backend</html>', 'status 503'],
    [503, '{"status":"error","errorType":"timeout","error":"x"}', 'status 503, timeout'],
    [400, '<html>bad gateway settings</html>', 'status 400'],
    [500, '{"status":"error","errorType":"<!channel>"}', 'status 500'],
  ])('status %d', async (status, body, detail) => {
    expect(await ask((_request, response) => response.writeHead(status).end(body))).toEqual({
      missing: 'failed',
      detail,
    })
  })

  test.each([
    [400, 'bad_data'],
    [422, 'execution'],
  ])('status %d of Prometheus itself: it refuses the query', async (status, errorType) => {
    const body = JSON.stringify({ status: 'error', errorType, error: 'found secret' })
    expect(await ask((_request, response) => response.writeHead(status).end(body))).toEqual({
      missing: 'failed',
      detail: `status ${status}, ${errorType}`,
      refused: true,
    })
  })

  test.each(['matrix', 'string'])('a %s: the query is wrong', async (resultType) => {
    const body = JSON.stringify({ status: 'success', data: { resultType, result: [] } })
    expect(await ask((_request, response) => response.end(body))).toEqual({
      missing: 'failed',
      detail: `the query gives a ${resultType}`,
      refused: true,
    })
  })

  test('a query of which it can’t be told what it reads is wrong, too', async () => {
    const body = vector([{ metric: {}, value: [Date.now() / 1_000, '3'] }])
    expect(await ask((_request, response) => response.end(body), 20_000, 'rate(x[')).toEqual({
      missing: 'failed',
      detail: "can't tell from the query what it reads",
      refused: true,
    })
  })

  test('the second query fails', async () => {
    let asked = 0
    const sample = await ask((_request, response) => {
      asked += 1
      if (asked === 1) response.end(vector([{ metric: {}, value: [Date.now() / 1_000, '3'] }]))
      else response.writeHead(500).end()
    })
    expect(sample).toEqual({ missing: 'failed', detail: 'status 500' })
  })
})

describe('an answer with remarks', () => {
  const number = () => [{ metric: {}, value: [Date.now() / 1_000, '3'] }]
  /** Asks a server that answers both queries, the first one with a number. */
  async function askBoth(first: object, second: object) {
    let asked = 0
    return ask((_request, response) => {
      asked += 1
      response.end(asked === 1 ? vector(number(), first) : vector([], second))
    })
  }
  const partial = { warnings: ['PromQL info: none', 'No StoreAPI for shard 10.0.0.7:10901'] }

  test.each([
    ['the number', partial, {}],
    ['its freshness', {}, partial],
  ])('is no whole one where it warns: %s', async (_name, first, second) => {
    const detail = 'an answer with warnings, which may lack a part'
    expect(await askBoth(first, second)).toEqual({ missing: 'failed', detail })
  })

  test.each([
    ['of the kind that says so', { infos: ['PromQL info: metric might not be a counter'] }],
    ['as a Prometheus before 2.54 gives it', { warnings: ['PromQL info: metric might not be a counter'] }],
    ['that are none', { warnings: [] }],
  ])('counts with information: %s', async (_name, remarks) => {
    expect(await askBoth(remarks, remarks)).toMatchObject({ value: 3 })
  })

  test.each([[{ warnings: 'partial' }], [{ warnings: [7] }]])('is none with others: %j', async (remarks) => {
    expect(await askBoth(remarks, {})).toEqual({ missing: 'failed', detail: 'not an answer of Prometheus' })
  })
})

test('the first query leaves its time to Prometheus, the second one asks for the same instant', async () => {
  const at = Date.now() - 5_000
  const asked: string[] = []
  const sample = await ask(async (request, response) => {
    const form = new URLSearchParams(await text(request))
    asked.push(
      `${request.method} ${request.url} ${request.headers.authorization} ${form.get('time')} ${form.get('timeout')}`,
    )
    response.end(vector(asked.length === 1 ? [{ metric: {}, value: [at / 1_000, '3'] }] : []))
  })
  expect(sample).toEqual({ value: 3, at })
  const path = '/prefix/api/v1/query Basic dXNlcjpodW50ZXIy'
  expect(asked).toEqual([`POST ${path} null 20000ms`, `POST ${path} ${at / 1_000} 20000ms`])
})

describe('no answer', () => {
  test.each<[string, RequestListener]>([
    ['silence', () => undefined],
    [
      'an answer that trickles',
      (_request, response) => {
        const timer = setInterval(() => response.write(' '), 20)
        response.on('close', () => clearInterval(timer))
      },
    ],
  ])('%s ends at the time limit', async (_name, listener) => {
    const start = Date.now()
    expect(await ask(listener, 300)).toEqual({ missing: 'failed', detail: 'no answer within 300 ms' })
    expect(Date.now() - start).toBeLessThan(15_000)
  })

  test('a refused connection', async () => {
    expect(await askAt('http://user:hunter2@127.0.0.1:1')).toEqual({
      missing: 'failed',
      detail: 'no connection, ECONNREFUSED',
    })
  })

  test.each(['http://[', 'nonsense', ''])('the address %s', async (url) => {
    const sample = await askAt(url)
    expect(sample).toEqual({ missing: 'failed', detail: expect.stringMatching(/^no connection/) })
  })
})

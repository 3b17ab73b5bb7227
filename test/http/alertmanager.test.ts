import { once } from 'node:events'
import { connect } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { Secret } from '../../src/config/secret.ts'
import { createAlertHook } from '../../src/http/alertmanager.ts'
import { type HttpServer, startHttp } from '../../src/http/server.ts'
import type { FiringAlert } from '../../src/jobs/answer-alert.ts'

const token = 'sixteen-characters-or-more'
const mappings = [
  { title: 'Checkout fails', labels: { alertname: 'CheckoutFails', service: 'shop' } },
  { title: 'Anything critical', labels: { severity: 'critical' } },
]
let server: HttpServer | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

async function start(fails: () => boolean = () => false) {
  const answered: FiringAlert[] = []
  const ended: FiringAlert[] = []
  const order: string[] = []
  const warnings: string[] = []
  const alertmanager = createAlertHook({
    token: new Secret(token),
    mappings,
    answer: async (alert) => {
      if (fails()) throw new Error('no ledger and no cluster')
      await nextTurn()
      answered.push(alert)
      order.push('fires')
    },
    async end(alert) {
      ended.push(alert)
      order.push('has ended')
    },
    log: { warn: (_fields, message) => void warnings.push(message) },
  })
  server = await startHttp({
    port: 0,
    checks: async () => ({}),
    metricsText: async () => '',
    hooks: { '/alertmanager': alertmanager },
  })
  const url = `http://127.0.0.1:${server.port}/alertmanager`
  const post = (body: unknown, authorization: string | null = `Bearer ${token}`, init: RequestInit = {}) =>
    fetch(url, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: authorization === null ? {} : { authorization },
      ...init,
    })
  return { post, answered, ended, order, warnings, port: server.port }
}

const alert = (labels: Record<string, string>, more: object = {}) => ({
  status: 'firing',
  labels,
  annotations: { summary: 'one in ten' },
  startsAt: '2026-07-01T03:00:00.123456789Z',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'http://prometheus/graph',
  fingerprint: Object.values(labels).join(),
  ...more,
})
const notification = (alerts: readonly object[], more: object = {}) => ({
  version: '4',
  groupKey: '{}:{}',
  truncatedAlerts: 0,
  status: 'firing',
  receiver: 'slipway',
  groupLabels: {},
  commonLabels: {},
  commonAnnotations: {},
  externalURL: 'http://alertmanager',
  alerts,
  ...more,
})
const checkout = alert({ alertname: 'CheckoutFails', service: 'shop', pod: 'a' })

test('a firing alert of the service is answered, by its title', async () => {
  const { post, answered } = await start()
  const response = await post(notification([checkout]))
  expect(response.status).toBe(200)
  expect(answered).toEqual([
    {
      title: 'Checkout fails',
      summary: 'one in ten',
      startsAt: Date.UTC(2026, 6, 1, 3, 0, 0, 123),
      fingerprint: 'CheckoutFails,shop,a',
    },
  ])
})

test('of a group each one that is mapped is answered, by whatever mapping fits, or ended; the others are not', async () => {
  const { post, answered, ended } = await start()
  const others = [
    alert({ alertname: 'CheckoutFails', service: 'blog' }),
    alert({ alertname: 'DiskFull', severity: 'warning' }),
    { ...alert({ alertname: 'DiskFull', severity: 'warning' }), status: 'resolved' },
    { ...checkout, status: 'resolved' },
  ]
  const critical = alert({ alertname: 'DiskFull', severity: 'critical' }, { annotations: { description: 'no room' } })
  expect((await post(notification([...others, critical, checkout]))).status).toBe(200)
  expect(answered.map(({ title, summary }) => [title, summary])).toEqual([
    ['Anything critical', 'no room'],
    ['Checkout fails', 'one in ten'],
  ])
  expect(ended.map(({ title, fingerprint }) => [title, fingerprint])).toEqual([
    ['Checkout fails', 'CheckoutFails,shop,a'],
  ])
  expect(await (await post(notification(others))).json()).toEqual({ said: '0 firing alerts of this service' })
})

test('what fires is known before what has ended', async () => {
  const { post, order } = await start()
  await post(notification([{ ...checkout, status: 'resolved' }, checkout]))
  expect(order).toEqual(['fires', 'has ended'])
})

test.each([
  [{ alertname: 'CheckoutFails' }, 1],
  [{}, 1],
  [{ alertname: 'Other', severity: 'warning' }, 0],
])('a group by %j whose alerts were cut off is warned of %i times', async (groupLabels, times) => {
  const { post, answered, warnings } = await start()
  const other = alert({ alertname: 'Other', severity: 'warning' })
  expect((await post(notification([other], { truncatedAlerts: 3, groupLabels }))).status).toBe(200)
  expect([answered.length, warnings.length]).toEqual([0, times])
  expect((await post(notification([checkout], { truncatedAlerts: 3, groupLabels }))).status).toBe(200)
  expect([answered.length, warnings.length]).toEqual([1, times])
})

test('what could not be answered is asked for again', async () => {
  let failing = true
  const { post, answered, warnings } = await start(() => failing)
  expect((await post(notification([checkout]))).status).toBe(503)
  expect(warnings).toHaveLength(1)
  failing = false
  expect((await post(notification([checkout]))).status).toBe(200)
  expect(answered).toHaveLength(1)
})

test.each([
  ['no JSON', 'alerts: all of them'],
  ['an empty body', ''],
  ['another version', notification([], { version: '5' })],
  ['no alerts', notification([], { alerts: undefined })],
  ['an alert without a time', notification([{ ...checkout, startsAt: 'yesterday' }])],
  ['an unknown status', notification([{ ...checkout, status: 'maybe' }])],
  ['labels that are no texts', notification([{ ...checkout, labels: { alertname: 7 } }])],
])('%s is refused, and not to be sent again', async (_, body) => {
  const { post, answered, warnings } = await start()
  expect((await post(body)).status).toBe(400)
  expect([answered.length, warnings.length]).toEqual([0, 1])
})

test.each([
  ['no token', null],
  ['a wrong token', 'Bearer sixteen-characters-or-less'],
  ['another scheme', `Basic ${token}`],
  ['a longer one', `Bearer ${token}x`],
])('with %s nothing is read', async (_, authorization) => {
  const { post, answered, warnings } = await start()
  const response = await post(notification([checkout]), authorization)
  expect(warnings).toEqual([expect.stringMatching(/^alerts are being lost if .* SLIPWAY_ALERTMANAGER_TOKEN$/)])
  expect(response.status).toBe(401)
  expect(response.headers.get('www-authenticate')).toBe('Bearer')
  expect(await response.text()).not.toContain(token)
  expect(answered).toEqual([])
})

test('more than 16 MiB is not read, whether its length was told or not', async () => {
  const { post, answered, warnings } = await start()
  const large = 'x'.repeat(16 * 1_048_576 + 1)
  expect((await post(large).catch(() => null))?.status ?? 413).toBe(413)
  expect(warnings).toEqual([expect.stringMatching(/^alerts are being lost: .* larger than Slipway takes/)])
  const streamed = new Blob([large]).stream()
  const init = { body: streamed, duplex: 'half' } as const
  expect((await post('', undefined, init).catch(() => null))?.status ?? 413).toBe(413)
  expect((await post(notification([checkout]))).status).toBe(200)
  expect(answered).toHaveLength(1)
})

test('each kind of refusal is warned of once, and again after something has got through', async () => {
  const { post, warnings } = await start()
  const large = 'x'.repeat(16 * 1_048_576 + 1)
  const refuseAll = async () => {
    for (const _ of ['once', 'again']) {
      await post(notification([checkout]), null)
      await post(large).catch(() => null)
    }
  }
  await refuseAll()
  expect(warnings).toHaveLength(2)
  expect((await post(notification([]))).status).toBe(200)
  await refuseAll()
  expect(warnings).toHaveLength(4)
})

test('a group of two thousand alerts is answered', async () => {
  const { post, answered, warnings } = await start()
  const many = Array.from({ length: 2_000 }, (_, i) => {
    const pod = `claude-enhancer-green-${i}`
    const labels = {
      alertname: 'CheckoutFails',
      service: 'shop',
      namespace: 'claude-enhancer',
      pod,
      severity: 'warning',
    }
    const annotations = { summary: `Checkout fails in ${pod}`, description: 'One order in ten is lost. '.repeat(20) }
    return alert(labels, { annotations })
  })
  expect(JSON.stringify(notification(many)).length).toBeGreaterThan(1_048_576)
  expect((await post(notification(many))).status).toBe(200)
  expect([answered.length, warnings]).toEqual([2_000, []])
})

test('only a POST is taken', async () => {
  const { post } = await start()
  const response = await post(notification([]), undefined, { method: 'PUT' })
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
})

test('a sender who goes away while speaking leaves the server as it was', async () => {
  const { post, answered, port } = await start()
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const head = `POST /alertmanager HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-length: 100\r\n\r\n`
  socket.write(`${head}{"version":`)
  socket.destroy()
  await once(socket, 'close')
  expect((await post(notification([checkout]))).status).toBe(200)
  expect(answered).toHaveLength(1)
})

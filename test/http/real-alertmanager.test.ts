import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Secret } from '../../src/config/secret.ts'
import { createAlertHook } from '../../src/http/alertmanager.ts'
import { startHttp } from '../../src/http/server.ts'
import type { FiringAlert } from '../../src/jobs/answer-alert.ts'
import { startChild } from '../../src/sandbox/child.ts'
import { freePort } from '../../src/sandbox/free-port.ts'
import { startKeeper } from '../../src/sandbox/keeper.ts'
import { Teardown } from '../../src/sandbox/teardown.ts'
import { answers, until } from '../../src/sandbox/until.ts'

const token = 'sixteen-characters-or-more'
const teardown = new Teardown()
const answered: FiringAlert[] = []
let failing = true
let url = ''

beforeAll(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-alertmanager-'))
  teardown.add(() => rm(dir, { recursive: true, force: true }))
  const keeper = startKeeper(dir)
  teardown.add(() => keeper.finish())
  const alertmanager = createAlertHook({
    token: new Secret(token),
    mappings: [{ title: 'Checkout fails', labels: { alertname: 'CheckoutFails' } }],
    answer: async (alert) => {
      answered.push(alert)
      if (failing) throw new Error('no ledger and no cluster')
    },
    end: async () => undefined,
    log: { warn: () => undefined },
  })
  const hooks = { '/alertmanager': alertmanager }
  const server = await startHttp({
    port: 0,
    checks: async () => ({}),
    metricsText: async () => '',
    hooks,
  })
  teardown.add(() => server.close())
  const receiver = {
    url: `http://127.0.0.1:${server.port}/alertmanager`,
    send_resolved: true,
    max_alerts: 0,
    http_config: { authorization: { type: 'Bearer', credentials: token } },
  }
  const config = join(dir, 'alertmanager.yml')
  await writeFile(
    config,
    JSON.stringify({
      route: {
        receiver: 'slipway',
        group_by: ['alertname'],
        group_wait: '0s',
        group_interval: '1s',
        repeat_interval: '1h',
      },
      receivers: [{ name: 'slipway', webhook_configs: [receiver] }],
    }),
  )
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  const child = await startChild(
    {
      command: 'prometheus-alertmanager',
      args: [
        `--config.file=${config}`,
        `--storage.path=${join(dir, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--cluster.listen-address=',
      ],
      env: {},
      log: join(dir, 'alertmanager.log'),
      ready: () => answers(`${url}/-/ready`),
      limit: 90_000,
    },
    keeper,
  )
  teardown.add(() => child.stop())
})
afterAll(() => teardown.run())

test('Alertmanager itself is understood, and sends again what could not be answered', async () => {
  const startsAt = new Date().toISOString()
  const alerts = [
    { labels: { alertname: 'CheckoutFails', service: 'shop' }, annotations: { summary: 'one in ten' }, startsAt },
    { labels: { alertname: 'Other' }, startsAt },
  ]
  const init = { method: 'POST', headers: { 'content-type': 'application/json' } }
  expect((await fetch(`${url}/api/v2/alerts`, { ...init, body: JSON.stringify(alerts) })).status).toBe(200)
  expect(await until(() => (answered.length > 0 ? true : undefined), 60_000)).toBe(true)
  failing = false
  const before = answered.length
  expect(await until(() => (answered.length > before ? true : undefined), 60_000)).toBe(true)
  for (const alert of answered)
    expect(alert).toEqual({
      title: 'Checkout fails',
      summary: 'one in ten',
      startsAt: Date.parse(startsAt),
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
    })
}, 240_000)

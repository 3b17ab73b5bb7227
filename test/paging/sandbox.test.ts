import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { Secret } from '../../src/config/secret.ts'
import type { Clock, Page } from '../../src/jobs/ports.ts'
import { createOnCall } from '../../src/paging/on-call.ts'
import { createPagerDuty } from '../../src/paging/pagerduty.ts'
import { type SandboxPagerDuty, startPagerDuty } from '../../src/sandbox/pagerduty/pagerduty.ts'

const clock: Clock = { now: () => Date.now(), wait: (ms) => pause(ms) }
const page = (key: string): Page => ({ key, severity: 'critical', summary: 'Rolled back', details: { phase: '2' } })

let dir: string
let sandbox: SandboxPagerDuty

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-paging-'))
  sandbox = await startPagerDuty({ dir })
  setDefaultCACertificates([...getCACertificates('default'), await readFile(sandbox.caFile, 'utf8')])
})
afterEach(() => sandbox.setFault(null))
afterAll(async () => {
  await sandbox.close()
  await rm(dir, { recursive: true, force: true })
})

const of = (key: string) => sandbox.incidents().filter((incident) => incident.key === key)
function paging(parts: { routingKey?: string; timeout?: number; eventsHost?: string } = {}) {
  const { host, routingKey, apiToken } = sandbox
  const hosts = { eventsHost: host, apiHost: host }
  return createPagerDuty({
    ...{ ...hosts, routingKey, apiToken, timeout: 20_000, clock, source: 'the service' },
    ...parts,
    servicePage: sandbox.pageUrl,
  })
}

test('a page links to its own incident, whose page shows it', async () => {
  const { link } = await paging().trigger(page('linked'))
  const [incident] = of('linked')
  expect(link).toBe(`${sandbox.pageUrl}/incidents/${incident?.number}`)
  expect(await (await fetch(link)).text()).toContain('Rolled back')
})

test('paged twice is one incident; resolved and paged again is a second one with a link of its own', async () => {
  const first = await paging().trigger(page('again'))
  expect(await paging().trigger(page('again'))).toEqual(first)
  await expect.poll(() => of('again')).toMatchObject([{ status: 'triggered', alerts: 2 }])
  await paging().resolve('again')
  await expect.poll(() => of('again')).toMatchObject([{ status: 'resolved' }])
  const second = await paging().trigger(page('again'))
  expect(second).not.toEqual(first)
  expect(of('again')).toMatchObject([{ status: 'resolved' }, { status: 'triggered' }])
})

test('a change event is there and pages nobody; with an unknown key it is refused', async () => {
  const change = { summary: 'phase 2 starts', at: Date.UTC(2026, 6, 1), details: { ledger: 'app/1/2 sha256:00' } }
  const before = sandbox.incidents().length
  await paging().change(change)
  const { summary, details: custom_details } = change
  const timestamp = '2026-07-01T00:00:00.000Z'
  expect(sandbox.changes()).toEqual([{ summary, timestamp, source: 'the service', custom_details }])
  expect(sandbox.incidents()).toHaveLength(before)
  await expect(paging({ routingKey: 'wrong' }).change(change)).rejects.toMatchObject({ code: 'paging-refused' })
})

test('an unknown routing key is refused', async () => {
  await expect(paging({ routingKey: 'wrong' }).trigger(page('x'))).rejects.toMatchObject({ code: 'paging-refused' })
})

test.each(['off', 'slow', 'failing', 'throttled'] as const)('unreachable when it is %s', async (fault) => {
  sandbox.setFault(fault)
  const failed = expect(paging({ timeout: 500 }).trigger(page(fault))).rejects
  await failed.toMatchObject({ code: 'paging-unreachable' })
  expect(of(fault)).toEqual([])
})

test('a time limit that falls into the pause after a slow 429 holds', async () => {
  const server = createServer({
    key: await readFile(join(dir, 'key.pem')),
    cert: await readFile(sandbox.caFile),
  })
  const delays = [1_600, 1_200]
  server.on('request', (_request, response) => {
    setTimeout(() => response.writeHead(429).end('{}'), delays.shift())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const eventsHost = `localhost:${address !== null && typeof address === 'object' ? address.port : 0}`
  const start = Date.now()
  const failed = expect(paging({ eventsHost, timeout: 4_000 }).trigger(page('x'))).rejects
  await failed.toMatchObject({ code: 'paging-unreachable' })
  expect(delays).toEqual([])
  expect(Date.now() - start).toBeGreaterThan(3_900)
  expect(Date.now() - start).toBeLessThan(20_000)
  server.close()
  server.closeAllConnections()
})

test('another process pages with NODE_EXTRA_CA_CERTS, and not without', async () => {
  const program = `
    import { createPagerDuty } from ${JSON.stringify(new URL('../../src/paging/pagerduty.ts', import.meta.url).href)}
    const clock = { now: () => Date.now(), wait: (ms) => new Promise((done) => setTimeout(done, ms)) }
    const paging = createPagerDuty({ ...JSON.parse(process.env.PAGING_OPTIONS), clock })
    const page = { key: 'process', severity: 'error', summary: 'From a process', details: {} }
    console.log(await paging.trigger(page).then(({ link }) => link, ({ code }) => code))`
  const options = {
    ...{ routingKey: sandbox.routingKey, apiToken: sandbox.apiToken, eventsHost: sandbox.host, apiHost: sandbox.host },
    ...{ servicePage: '', timeout: 20_000, source: 'the service' },
  }
  const run = async (trust: NodeJS.ProcessEnv) => {
    const env = { PATH: process.env.PATH, PAGING_OPTIONS: JSON.stringify(options), ...trust }
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { env })
    return stdout.trim()
  }
  expect(await run({})).toBe('paging-unreachable')
  expect(await run({ NODE_EXTRA_CA_CERTS: sandbox.caFile })).toBe(
    `${sandbox.pageUrl}/incidents/${of('process')[0]?.number}`,
  )
})

test('whoever is on call is known with their e-mail, each once', async () => {
  const { host, apiToken } = sandbox
  const config = { ...(await loadConfig('deployment-config.yaml')) }
  const page = 'https://example.pagerduty.com/service-directory/PSHOP'
  const withPage = { ...config, pagerduty: { servicePage: page, timeout: 20_000 } }
  const onCall = createOnCall(withPage, { routingKey: new Secret('r'), apiToken: new Secret(apiToken), apiHost: host })
  sandbox.setOnCall(['Ann <ann@example.com>', 'Ann <ann@example.com>', 'Bo'])
  const people = [
    { name: 'Ann', email: 'ann@example.com' },
    { name: 'Bo', email: null },
  ]
  expect(await onCall?.onSchedule('PNIGHT')).toEqual(people)
  expect(await onCall?.forService?.()).toEqual(people)
  sandbox.setFault('failing')
  await expect(onCall?.onSchedule('PNIGHT')).rejects.toMatchObject({ code: 'paging-unreachable' })
  sandbox.setFault(null)
  const refused = createOnCall(withPage, { routingKey: new Secret('r'), apiToken: new Secret('x'), apiHost: host })
  await expect(refused?.onSchedule('PNIGHT')).rejects.toMatchObject({ code: 'paging-refused', detail: { status: 401 } })
  const { forService, ...without } = createOnCall(
    { ...withPage, pagerduty: { servicePage: 'https://example.com/', timeout: 1 } },
    { routingKey: new Secret('r'), apiToken: new Secret(apiToken) },
  ) ?? { forService: null }
  expect({ forService, has: Object.keys(without) }).toEqual({ forService: undefined, has: ['onSchedule'] })
  expect(createOnCall(withPage, { routingKey: new Secret('r') })).toBeNull()
})

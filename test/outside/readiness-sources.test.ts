import { afterEach, describe, expect, test } from 'vitest'
import { Secret } from '../../src/config/secret.ts'
import { mayWriteSpace } from '../../src/outside/confluence-space.ts'
import { firingAlerts } from '../../src/outside/firing-alerts.ts'
import { grafanaDashboard } from '../../src/outside/grafana-dashboard.ts'
import { lastSuccess } from '../../src/outside/last-success.ts'
import { type Answering, startAnswering } from './answering.ts'

const close: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const one of close.splice(0)) await one()
})

/** The address of a server that answers so, and what it was asked: path and authorization. */
async function serve(answer: Answering) {
  const asked: string[] = []
  const server = await startAnswering((request) => {
    asked.push(`${request.url} ${request.headers.authorization ?? 'nobody'}`)
    return answer(request)
  })
  close.push(() => server.close())
  return { url: server.url, asked }
}
const always = (status: number, body: unknown) => serve(() => ({ status, body }))
const soon = 20_000

/** Every source but these: what is away, slow, refuses or answers nonsense is an error with a code. */
const sources = [
  ['alerts', (url: string, timeout: number) => firingAlerts(url, {}, timeout)],
  ['a dashboard', (url: string, timeout: number) => grafanaDashboard(url, 'release', undefined, timeout)],
  ['a space', (url: string, timeout: number) => mayWriteSpace(url, 'REL', undefined, timeout)],
] as const

describe.each(sources)('%s', (_, ask) => {
  test.each([
    ['refuses', 403, { message: 'no' }],
    ['fails', 500, 'Internal Server Error'],
    ['answers no JSON', 200, '<html>'],
    ['answers something else', 200, { hello: 'world' }],
  ])('whose source %s is an error', async (_what, status, body) => {
    const { url } = await always(status, body)
    await expect(ask(url, soon)).rejects.toMatchObject({
      code: expect.stringMatching(/^address-(refused|unreachable)$/),
    })
  })

  test('whose source hangs, or is not there, is an error in time', async () => {
    const { url } = await serve(() => null)
    await expect(ask(url, 300)).rejects.toMatchObject({ code: 'address-unreachable' })
    await expect(ask('http://127.0.0.1:1', soon)).rejects.toMatchObject({ code: 'address-unreachable' })
  })
})

describe('alerts', () => {
  const alert = (alertname: string, ...silencedBy: string[]) => ({
    labels: { alertname, severity: 'critical' },
    status: { state: silencedBy.length > 0 ? 'suppressed' : 'active', silencedBy, inhibitedBy: [] },
  })

  test('are asked for by their labels, and told once a name: firing where any of that name is', async () => {
    const body = [alert('A', 's1'), alert('A'), alert('B', 's1'), alert('B', 's2'), alert('C')]
    const { url, asked } = await always(200, body)
    expect(await firingAlerts(`${url}/`, { severity: 'critical', team: 'a"b' }, soon)).toEqual([
      { name: 'A', silenced: false },
      { name: 'B', silenced: true },
      { name: 'C', silenced: false },
    ])
    const filters = new URL(asked[0]?.split(' ')[0] ?? '', url).searchParams.getAll('filter')
    expect(filters).toEqual(['severity="critical"', 'team="a\\"b"'])
  })
})

describe('a dashboard', () => {
  test('is told by its title, asked for with the token', async () => {
    const { url, asked } = await always(200, { dashboard: { title: 'The release' }, meta: {} })
    expect(await grafanaDashboard(url, 'a/b', new Secret('token'), soon)).toBe('The release')
    expect(asked).toEqual(['/api/dashboards/uid/a%2Fb Bearer token'])
  })

  test('that is not there is null', async () => {
    const { url } = await always(404, { message: 'Dashboard not found' })
    expect(await grafanaDashboard(url, 'release', undefined, soon)).toBeNull()
  })
})

describe('a space', () => {
  const space =
    (operations: readonly object[]): Answering =>
    (request) =>
      request.url?.includes('/operations')
        ? { status: 200, body: { operations } }
        : { status: 200, body: { results: [{ id: '42', key: 'REL', name: 'The release' }] } }

  test.each([
    [
      true,
      [
        { operation: 'read', targetType: 'space' },
        { operation: 'create', targetType: 'page' },
      ],
    ],
    [
      false,
      [
        { operation: 'read', targetType: 'space' },
        { operation: 'create', targetType: 'comment' },
      ],
    ],
    [false, []],
  ])('may be written: %s by %j', async (may, operations) => {
    const { url, asked } = await serve(space(operations))
    expect(await mayWriteSpace(`${url}/wiki/`, 'REL', new Secret('user:token'), soon)).toBe(may)
    const basic = `Basic ${Buffer.from('user:token').toString('base64')}`
    expect(asked).toEqual([`/wiki/api/v2/spaces?keys=REL ${basic}`, `/wiki/api/v2/spaces/42/operations ${basic}`])
  })

  test('that nobody sees is null', async () => {
    const { url } = await always(200, { results: [] })
    expect(await mayWriteSpace(url, 'REL', undefined, soon)).toBeNull()
  })
})

describe('a last success', () => {
  test.each([
    [200, { lastSuccess: '2026-07-01T03:00:00Z' }, { at: Date.UTC(2026, 6, 1, 3) }],
    [200, { lastSuccess: '2026-07-01T05:00:00+02:00', size: 7 }, { at: Date.UTC(2026, 6, 1, 3) }],
    [200, { lastSuccess: 'yesterday' }, { why: 'it answers without lastSuccess' }],
    [200, 'OK', { why: 'it answers without lastSuccess' }],
    [404, { lastSuccess: '2026-07-01T03:00:00Z' }, { why: 'it answers 404' }],
  ])('is read from %i %j', async (status, body, read) => {
    const { url } = await always(status, body)
    expect(await lastSuccess(url, soon)).toEqual(read)
  })

  test('whose source is away or fails is an error', async () => {
    const { url } = await always(503, { lastSuccess: '2026-07-01T03:00:00Z' })
    await expect(lastSuccess(url, soon)).rejects.toMatchObject({ code: 'address-refused' })
    await expect(lastSuccess('http://127.0.0.1:1', soon)).rejects.toMatchObject({ code: 'address-unreachable' })
  })
})

import { beforeEach, describe, expect, test } from 'vitest'
import { createExamined, type Examined } from './examine.ts'

let examined: Examined
beforeEach(() => {
  examined = createExamined()
  examined.world.time = Date.UTC(2026, 6, 1, 3)
})

const hour = 3_600_000
const url = 'http://backup.example.com/last'
const ago = (ms: number) => examined.world.time - ms
const iso = (ms: number) => new Date(ago(ms)).toISOString().replace('.000Z', 'Z')
const job = (name: string, status: object) => ({
  // As a CronJob names its Jobs, and Kubernetes says whose they are.
  metadata: { name, ownerReferences: [{ kind: 'CronJob', name: name.replace(/-[^-]*$/, '') }] },
  status,
})

describe.each([
  ['backup-recent', 24 * hour],
  ['restore-tested', 14 * 24 * hour],
])('%s', (name, maxAge) => {
  /** Each source, telling a success so many ms ago. */
  const sources = [
    [
      'by a query',
      { query: 'the_time' },
      (age: number) => {
        examined.world.samples.set('the_time', { value: ago(age) / 1_000, at: examined.world.time })
      },
    ],
    [
      'by a Job',
      { job: 'backup' },
      (age: number) => {
        examined.cluster.objects.set('jobs', [
          job('backup-1', { succeeded: 1, completionTime: iso(age + maxAge) }),
          job('backup-2', { succeeded: 1, completionTime: iso(age) }),
          job('backup-3', { failed: 1 }),
          job('other', { succeeded: 1, completionTime: iso(0) }),
          job('backup-prune-4', { succeeded: 1, completionTime: iso(0) }),
        ])
      },
    ],
    [
      'by an address',
      { url },
      (age: number) => {
        examined.outside = { ...examined.outside, lastSuccess: async () => ({ at: ago(age) }) }
      },
    ],
  ] as const

  test.each(sources)('%s passes when it is young enough, and blocks when it is not', async (_, settings, tell) => {
    tell(maxAge)
    expect(await examined.examine(name, settings)).toMatchObject({
      result: 'pass',
      found: expect.stringMatching(/ ago$/),
    })
    tell(maxAge + 1_000)
    expect(await examined.examine(name, settings)).toMatchObject({ result: 'block', mend: expect.any(String) })
  })

  test.each([
    ['a query without a number', { query: 'the_time' }, /unknown \(empty: gone\)/],
    ['no such Job', { job: 'backup' }, /there is no Job backup/],
    ['only Jobs that failed', { job: 'failing' }, /no Job failing has succeeded/],
    ['an address that tells nothing', { url }, /it answers without lastSuccess/],
  ])('blocks on %s', async (_, settings, found) => {
    examined.world.samples.set('the_time', { missing: 'empty', detail: 'gone' })
    examined.cluster.objects.set('jobs', [job('failing', { failed: 2 }), job('failing-2', {})])
    examined.outside = { ...examined.outside, lastSuccess: async () => ({ why: 'it answers without lastSuccess' }) }
    expect(await examined.examine(name, settings)).toMatchObject({
      result: 'block',
      found: expect.stringMatching(found),
    })
  })

  test('blocks on a time that lies in the future, which is no success but another unit or zone; a clock may be a little ahead', async () => {
    const tell = (at: number) => examined.world.samples.set('the_time', { value: at, at: examined.world.time })
    const settings = { query: 'the_time' }
    tell(ago(hour))
    expect(await examined.examine(name, settings)).toMatchObject({
      result: 'block',
      found: expect.stringMatching(/in the future/),
    })
    tell((ago(0) + 60_000) / 1_000)
    expect(await examined.examine(name, settings)).toMatchObject({ result: 'pass', found: 'just now' })
    const zone = { lastSuccess: async () => ({ at: ago(-8 * hour) }) }
    examined.outside = { ...examined.outside, ...zone }
    expect(await examined.examine(name, { url })).toMatchObject({ result: 'block' })
  })

  test('blocks when the cluster does not answer', async () => {
    examined.cluster.failing = 'all'
    expect(await examined.examine(name, { job: 'backup' })).toMatchObject({ result: 'block', ran: false })
  })

  test.each(['block', 'warn'] as const)(
    'could not be checked when Prometheus is away: unknown decides, %s',
    async (unknown) => {
      examined.world.samples.set('the_time', { missing: 'failed', detail: 'no answer' })
      const severity = unknown === 'block' ? 'warn' : 'block'
      expect(await examined.examine(name, { query: 'the_time', severity, unknown })).toMatchObject({
        result: unknown,
        ran: false,
      })
    },
  )

  test('an old success by one source is a finding also while another is away', async () => {
    examined.world.samples.set('the_time', { missing: 'failed', detail: 'no answer' })
    const both = { query: 'the_time', url, unknown: 'warn' }
    sources[2][2](maxAge)
    expect(await examined.examine(name, both)).toMatchObject({ result: 'warn', ran: false })
    sources[2][2](maxAge + 1_000)
    expect(await examined.examine(name, both)).toMatchObject({ result: 'block', ran: true })
  })

  test('asks every source that is configured: one old one blocks', async () => {
    for (const [, , tell] of sources) tell(1_000)
    const all = { query: 'the_time', job: 'backup', url }
    expect(await examined.examine(name, all)).toMatchObject({ result: 'pass' })
    sources[1][2](maxAge + 1_000)
    expect(await examined.examine(name, all)).toMatchObject({ result: 'block' })
  })

  test('with no source it is off, and the report says why', async () => {
    await expect(examined.examine(name, {})).rejects.toThrow(`${name} is off: no query, job or url is configured`)
  })
})

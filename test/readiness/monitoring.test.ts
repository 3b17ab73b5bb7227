import { beforeEach, describe, expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import { createExamined, type Examined } from './examine.ts'

let examined: Examined
beforeEach(() => {
  examined = createExamined()
})
const answer = (word: string, value: number) => examined.world.samples.set(word, { value, at: examined.world.time })
const unreachable = async () => Promise.reject(new SlipwayError('address-unreachable', { url: 'http://x' }))

describe('queries', () => {
  test('pass when every metric has a number, each told with its value', async () => {
    const { result, details } = await examined.examine('queries', {})
    expect(result).toBe('pass')
    expect(details).toContain('Error rate: 0.02 %')
  })

  test('block on one that has none, by its name and why', async () => {
    examined.world.samples.set('agents_failed', { missing: 'several-series', detail: '2 series' })
    expect(await examined.examine('queries', {})).toMatchObject({
      result: 'block',
      found: 'no number for Agents failed (several-series: 2 series)',
    })
  })

  test.each(['block', 'warn'] as const)(
    'could not be checked when Prometheus is away: unknown decides, %s',
    async (unknown) => {
      examined.world.metrics.query = async () => ({ missing: 'failed', detail: 'no answer' })
      const severity = unknown === 'block' ? 'warn' : 'block'
      expect(await examined.examine('queries', { severity, unknown })).toMatchObject({
        result: unknown,
        ran: false,
        found: expect.stringMatching(/^could not be checked: .*Error rate: no answer/),
      })
    },
  )

  test('block on one without a number also when another could not be asked', async () => {
    examined.world.samples.set('code=~', { missing: 'failed', detail: 'no answer' })
    examined.world.samples.set('agents_failed', { missing: 'empty', detail: 'no series' })
    expect(await examined.examine('queries', { unknown: 'warn' })).toMatchObject({
      result: 'block',
      ran: true,
      found: expect.stringMatching(/Error rate \(failed: no answer\).*Agents failed \(empty: no series\)/),
    })
  })
})

describe('a query that Prometheus refuses as wrong is checked, whatever unknown says', () => {
  const refused = { missing: 'failed', detail: 'status 400, bad_data', refused: true } as const

  test.each([
    ['queries', {}, 'code=~', /^no number for Error rate \(failed: status 400, bad_data\)$/],
    ['scrape-targets', { selector: 'job="x"' }, 'up{', /^no target \(failed: status 400, bad_data\)$/],
    ['agents-available', { query: 'min(figure)' }, 'figure', /^no number \(failed: status 400, bad_data\)$/],
    ['backup-recent', { query: 'figure' }, 'figure', /failed: status 400, bad_data/],
  ])('%s', async (check, settings, word, found) => {
    examined.world.samples.set(word, refused)
    expect(await examined.examine(check, { ...settings, unknown: 'warn' })).toMatchObject({
      result: 'block',
      ran: true,
      found: expect.stringMatching(found),
    })
  })
})

describe('scrape-targets', () => {
  const settings = { selector: 'job="claude-enhancer"' }

  test('pass when all are up', async () => {
    answer('== 0', 0)
    answer('count(up{job="claude-enhancer"})', 7)
    expect(await examined.examine('scrape-targets', settings)).toMatchObject({
      result: 'pass',
      found: '7 of 7 targets up',
    })
  })

  test('block when one is down', async () => {
    answer('== 0', 1)
    answer('count(up{job="claude-enhancer"})', 7)
    expect(await examined.examine('scrape-targets', settings)).toMatchObject({
      result: 'block',
      found: '6 of 7 targets up',
    })
  })

  test('block when there is none', async () => {
    examined.world.samples.set('up{', { missing: 'empty', detail: 'gone' })
    expect(await examined.examine('scrape-targets', settings)).toMatchObject({
      result: 'block',
      found: 'no target (empty: gone)',
    })
  })

  test.each(['block', 'warn'] as const)(
    'could not be checked when Prometheus is away: unknown decides, %s',
    async (unknown) => {
      examined.world.samples.set('up{', { missing: 'failed', detail: 'no answer' })
      const severity = unknown === 'block' ? 'warn' : 'block'
      expect(await examined.examine('scrape-targets', { ...settings, severity, unknown })).toMatchObject({
        result: unknown,
        ran: false,
      })
    },
  )

  test('are off without a selector', async () => {
    await expect(examined.examine('scrape-targets', {})).rejects.toThrow('is off: no selector is configured')
  })
})

describe('alerts', () => {
  const settings = { url: 'http://alertmanager:9093', labels: { severity: 'critical', service: 'shop' } }
  const know = (...known: readonly { name: string; silenced: boolean }[]) => {
    examined.outside = { ...examined.outside, alerts: async () => known }
  }

  test('pass when none fires', async () => {
    know()
    expect(await examined.examine('alerts', settings)).toMatchObject({
      result: 'pass',
      looked: 'alerts with severity=critical, service=shop at http://alertmanager:9093',
    })
  })

  test('block on one that fires, by its name', async () => {
    know({ name: 'DiskFull', silenced: true }, { name: 'CheckoutFails', silenced: false })
    expect(await examined.examine('alerts', settings)).toMatchObject({
      result: 'block',
      found: 'firing: CheckoutFails',
    })
  })

  test('warn of one that only a silence hides', async () => {
    know({ name: 'DiskFull', silenced: true })
    expect(await examined.examine('alerts', settings)).toMatchObject({
      result: 'warn',
      found: 'silenced, but firing: DiskFull',
    })
  })

  test('block when Alertmanager is away', async () => {
    examined.outside = { ...examined.outside, alerts: unreachable }
    expect(await examined.examine('alerts', settings)).toMatchObject({ result: 'block', ran: false })
  })
})

describe('dashboard', () => {
  const settings = { url: 'http://grafana:3000', uid: 'release' }

  test('passes with its title', async () => {
    examined.outside = { ...examined.outside, dashboard: async () => 'The release' }
    expect(await examined.examine('dashboard', settings)).toMatchObject({ result: 'pass', found: 'The release' })
  })

  test('warns when there is none', async () => {
    examined.outside = { ...examined.outside, dashboard: async () => null }
    expect(await examined.examine('dashboard', settings)).toMatchObject({ result: 'warn' })
  })

  test('blocks when Grafana is away, or warns where that is configured', async () => {
    examined.outside = { ...examined.outside, dashboard: unreachable }
    expect(await examined.examine('dashboard', settings)).toMatchObject({ result: 'block', ran: false })
    expect(await examined.examine('dashboard', { ...settings, unknown: 'warn' })).toMatchObject({ result: 'warn' })
  })
})

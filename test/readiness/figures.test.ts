import { beforeEach, describe, expect, test } from 'vitest'
import { missingReasons } from '../../src/rollout/plan.ts'
import { createExamined, type Examined } from './examine.ts'

let examined: Examined
beforeEach(() => {
  examined = createExamined()
})

const figures = [
  ['agents-available', { query: 'min(the_figure)', expect: '>= 60' }, 60, 59],
  ['agents-compatible', { query: 'count(the_figure{version!~"$major[.].*"}) or vector(0)' }, 0, 1],
  ['workflows-succeeding', { query: 'the_figure' }, 0.98, 0.97],
  ['workflows-stuck', { query: 'the_figure' }, 0, 1],
  ['data-consistent', { query: 'the_figure' }, 1, 0.999],
] as const

describe.each(figures)('%s', (name, settings, good, bad) => {
  const answer = (value: number) => examined.world.samples.set('the_figure', { value, at: examined.world.time })

  test('passes on a figure as expected', async () => {
    answer(good)
    expect(await examined.examine(name, settings)).toMatchObject({ result: 'pass', ran: true })
  })

  test('blocks on any other, and says how to mend it', async () => {
    answer(bad)
    const finding = await examined.examine(name, settings)
    expect(finding).toMatchObject({ result: 'block', mend: expect.any(String) })
    expect(finding.found).not.toBe(finding.expected)
  })

  test.each(missingReasons.filter((reason) => reason !== 'failed'))(
    'blocks when there is no number: %s',
    async (missing) => {
      examined.world.samples.set('the_figure', { missing, detail: 'gone' })
      expect(await examined.examine(name, settings)).toMatchObject({
        result: 'block',
        found: `no number (${missing}: gone)`,
      })
    },
  )

  test.each(['block', 'warn'] as const)(
    'could not be checked when Prometheus is away: unknown decides, %s',
    async (unknown) => {
      examined.world.samples.set('the_figure', { missing: 'failed', detail: 'no answer' })
      const severity = unknown === 'block' ? 'warn' : 'block'
      expect(await examined.examine(name, { ...settings, severity, unknown })).toMatchObject({
        result: unknown,
        ran: false,
        found: 'could not be checked: Prometheus gave no usable answer (no answer).',
      })
    },
  )

  test('without a query it is off, and the report says why', async () => {
    await expect(examined.examine(name, {})).rejects.toThrow(`${name} is off: no query is configured`)
  })
})

test('a query is told the version and its first numbers, and which track is stable', async () => {
  const query = 'the_figure{v="$version",of="$major/$minor",track="$stable"}'
  await examined.examine('agents-compatible', { query }, '5.1.0-rc.1')
  expect(examined.world.queries.at(-1)).toBe('the_figure{v="5.1.0-rc.1",of="5/1",track="blue"}')
})

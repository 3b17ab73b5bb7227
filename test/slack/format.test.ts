import fc from 'fast-check'
import { expect, test } from 'vitest'
import { durationText, escapeText, valueText, withMentions } from '../../src/slack/format.ts'

test('escaped text holds no mention and no link, and says what was said', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const escaped = escapeText(text)
      expect(escaped).not.toMatch(/[<>]/)
      expect(escaped.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')).toBe(text)
    }),
  )
})

test('only our own plain @U… becomes a mention', () => {
  expect(withMentions('Ask @U0SRE, not <!channel> or <@U0SRE>.')).toBe(
    'Ask <@U0SRE>, not &lt;!channel&gt; or &lt;<@U0SRE>&gt;.',
  )
})

test("a moment becomes the reader's own time, and one that there is not stays as it was written", () => {
  expect(withMentions('since 2026-11-26T12:30:00Z')).toBe('since <!date^1795696200^{time_secs}|12:30:00 UTC>')
  for (const moment of ['2026-11-26T24:30:00Z', '2026-11-26T12:30:60Z', '2026-13-01T00:00:00Z', '2026-00-99T99:99:99Z'])
    expect(withMentions(`since ${moment}`)).toBe(`since ${moment}`)
})

test('values are shown in their unit', () => {
  expect(valueText('ratio', 0.0083)).toBe('0.83 %')
  expect(valueText('milliseconds', 520.4)).toBe('520 ms')
  expect(valueText('per-second', 1204.4)).toBe('1,204/s')
  expect(valueText('count', 60)).toBe('60')
  expect(valueText('count', null)).toBe('no number')
})

test('durations are shown as people say them', () => {
  expect([20, 400, 12_000, 90_000, 150_000, 1_800_000, 5_400_000].map(durationText)).toEqual([
    '20 ms',
    '0.4 s',
    '12 s',
    '90 s',
    '2 min 30 s',
    '30 min',
    '1 h 30 min',
  ])
})

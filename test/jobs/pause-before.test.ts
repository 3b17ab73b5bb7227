import { describe, expect, it } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import { pauseBefore } from '../../src/jobs/pause-before.ts'

const none = new Error('something')
const asking = (after: number) => [
  new SlipwayError('slack-throttled', { method: 'chat.postMessage', after }),
  new SlipwayError('cluster-unreachable', { what: 'it', after }),
  new SlipwayError('paging-unreachable', { after }),
]

describe('a pause before the next try', () => {
  it('doubles up to 10 s, with a quarter of it left to chance', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 1_000].map((n) => pauseBefore('steps', n, none, 1))).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000,
    ])
    expect(pauseBefore('steps', 5, none, 0)).toBe(6_000)
  })

  it.each(asking(60_000))('is at least what is asked for: $code', (error) => {
    expect(pauseBefore('projections', 1, error, 0)).toBe(60_000)
    expect(pauseBefore('projections', 1, error, 1)).toBe(66_000)
  })

  it.each(asking(100))('is not shorter for being asked for little: $code', (error) => {
    expect(pauseBefore('steps', 6, error, 1)).toBe(10_000)
  })

  it.each(asking(86_400_000))('is 5 minutes at most, whatever is asked for: $code', (error) =>
    expect(pauseBefore('projections', 1, error, 1)).toBe(300_000),
  )

  it.each([...asking(60_000), none])('is never longer than 10 s for a rollback', (error) => {
    for (const attempts of [1, 6, 1_000])
      for (const random of [0, 1]) expect(pauseBefore('rollback', attempts, error, random)).toBeLessThanOrEqual(10_000)
  })

  it('takes the patience with Redis for no request', () => {
    expect(pauseBefore('steps', 1, new SlipwayError('ledger-unavailable', { after: 1_000 }), 1)).toBe(500)
  })
})

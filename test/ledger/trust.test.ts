import { describe, expect, test } from 'vitest'
import { confirmed, type Trust, trustAfter } from '../../src/ledger/trust.ts'

/** What is thought of a master after looks at it: its run id, its replicas, and when (ms). */
function lookedAt(...looks: readonly (readonly [id: string, replicas: number, at: number])[]): Trust {
  const [first, ...more] = looks
  if (first === undefined) throw new Error('no look')
  return more.reduce<Trust>(
    (trust, [id, replicas, at]) => trustAfter(trust, id, replicas, at),
    trustAfter(null, ...first),
  )
}

describe('the sentinels are asked', () => {
  test('at once of one that replicas follow', () => {
    expect(lookedAt(['a', 2, 100])).toMatchObject({ sure: false, from: 100 })
    expect(trustAfter(confirmed(lookedAt(['a', 1, 100])), 'b', 1, 200)).toMatchObject({ sure: false, from: 200 })
  })

  test('after a while of one that has just come alone', () => {
    expect(lookedAt(['a', 0, 100])).toMatchObject({ sure: false, from: 5_100 })
  })

  test('after a while of one that has lost a replica: that one may be the master by now', () => {
    const sure = confirmed(lookedAt(['a', 2, 100]))
    expect(trustAfter(sure, 'a', 1, 1_000)).toMatchObject({ sure: false, from: 6_000 })
    expect(trustAfter(trustAfter(sure, 'a', 1, 1_000), 'a', 0, 3_000)).toMatchObject({ sure: false, from: 8_000 })
    expect(trustAfter(trustAfter(sure, 'a', 0, 1_000), 'a', 1, 3_000)).toMatchObject({ sure: false, from: 6_000 })
  })

  test('at once when all of them are there again', () => {
    const left = trustAfter(confirmed(lookedAt(['a', 2, 100])), 'a', 1, 1_000)
    expect(trustAfter(left, 'a', 2, 1_500)).toMatchObject({ sure: false, from: 1_500 })
  })
})

test('nobody is asked while nothing changes for the worse', () => {
  const sure = confirmed(lookedAt(['a', 1, 100]))
  expect(trustAfter(sure, 'a', 1, 900)).toMatchObject({ sure: true })
  expect(trustAfter(sure, 'a', 2, 900)).toMatchObject({ sure: true, expected: 2 })
})

test('once they have named it, fewer replicas are enough', () => {
  const alone = confirmed(trustAfter(confirmed(lookedAt(['a', 2, 100])), 'a', 1, 1_000))
  expect(trustAfter(alone, 'a', 1, 9_000)).toMatchObject({ sure: true })
})

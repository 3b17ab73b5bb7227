import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dedupKey, shortened } from '../../src/paging/event-limits.ts'

describe('dedupKey', () => {
  test.each(['a', 'x'.repeat(255)])('leaves a key that fits as it is', (key) => expect(dedupKey(key)).toBe(key))

  test('a longer one is shortened to 255, always in the same way, and stays its own', () => {
    const one = `service/7/${'x'.repeat(300)}`
    expect(dedupKey(one)).toHaveLength(255)
    expect(dedupKey(one)).toBe(dedupKey(one))
    expect(dedupKey(one)).not.toBe(dedupKey(`${one}y`))
    expect(dedupKey(one).startsWith('service/7/xxx')).toBe(true)
  })

  test('never ends inside a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 150, maxLength: 400 }), (key) => {
        expect(dedupKey(key).length).toBeLessThanOrEqual(255)
        expect(dedupKey(key).isWellFormed()).toBe(true)
      }),
    )
  })
})

describe('shortened', () => {
  test('leaves what fits', () => expect(shortened('x'.repeat(1_024), 'summary')).toBe('x'.repeat(1_024)))

  test('shows that something is missing', () => {
    expect(shortened('x'.repeat(1_025), 'summary')).toBe(`${'x'.repeat(1_023)}…`)
    expect(shortened('x'.repeat(5_000), 'detail')).toHaveLength(4_096)
  })

  test('never ends inside a character', () => {
    const text = `${'x'.repeat(1_022)}😀😀`
    expect(shortened(text, 'summary')).toBe(`${'x'.repeat(1_022)}…`)
  })
})

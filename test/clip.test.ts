import fc from 'fast-check'
import { expect, test } from 'vitest'
import { clip } from '../src/clip.ts'

test.each([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'ab…'],
  ['a😀', 3, 'a😀'],
  ['a😀😀', 3, 'a…'],
  ['a😀😀', 4, 'a😀…'],
  ['a\ud83d', 3, 'a\ufffd'],
])('%j within %d', (text, most, clipped) => expect(clip(text, most)).toBe(clipped))

test('clipped text fits, and no character is cut in half, whatever it was', () => {
  const unit = fc.oneof(fc.constantFrom('\ud83d', '\ude00', '😀'), fc.string({ maxLength: 1 }))
  const text = fc.array(unit).map((units) => units.join(''))
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 50 }), (whole, most) => {
      const clipped = clip(whole, most)
      expect(clipped.length).toBeLessThanOrEqual(most)
      expect(clipped.isWellFormed()).toBe(true)
      if (whole.isWellFormed() && whole.length <= most) expect(clipped).toBe(whole)
    }),
  )
})

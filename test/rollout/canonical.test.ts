import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from '../../src/rollout/canonical.ts'

/** As every ledger's hashes were made until now: the text may never become another one. */
function written(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (part instanceof Set) return [...part].toSorted()
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
    return Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  })
}

const key = fc.oneof(fc.string(), fc.constantFrom('10', '9', '-1', '01', '__proto__', 'constructor', 'toString'))
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.jsonValue(),
    fc.constant(undefined),
    fc.uniqueArray(fc.string()).map((members) => new Set(members)),
    fc.array(tie('value')),
    fc.array(fc.tuple(key, tie('value'))).map((entries) => Object.fromEntries(entries)),
  ),
}))

test('the text is the one that ledgers were hashed by, whatever the value', () => {
  fc.assert(
    fc.property(value, (one) => {
      expect(canonicalJson(one)).toBe(written(one))
    }),
  )
})

test('no member is left out of it, whatever its name', () => {
  expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"d":2,"c":3},"10":0,"9":0}'))).toBe(
    '{"9":0,"10":0,"__proto__":{"c":3,"d":2},"b":1}',
  )
})

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { harmless } from '../../src/cluster/harmless.ts'

it.each([
  ['password=hunter2 user=shop', 'password=[secret] user=shop'],
  ['{"api_key": "abc def", "port": 80}', '{"api_key": [secret], "port": 80}'],
  ["DB_PASSWORD='two words'", 'DB_PASSWORD=[secret]'],
  ['cannot reach postgres://shop:hunter2@db:5432/shop', 'cannot reach postgres://[secret]@db:5432/shop'],
  ['Authorization: Bearer abcdefgh12345', 'Authorization: [secret] [secret]'],
  ['sent bearer abcdefgh12345', 'sent bearer [secret]'],
  ['key xoxb-123456789012-abcdef refused', 'key [secret] refused'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', '[secret]'],
  [`MIIEvQIBADANBgkqhkiG9w0BAQEFAASC${'Bk'.repeat(20)}`, '[secret]'],
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END', '[secret]'],
])('hides what looks like a secret: %s', (text, shown) => {
  expect(harmless(text, 200)).toBe(shown)
})

it('leaves what people need to see', () => {
  const text = 'failed to pull registry.example.com/shop@sha256:0123456789abcdef: not found (exit code 1)'
  expect(harmless(text, 200)).toBe(text)
})

it('takes colours and control characters out, and is never longer than asked', () => {
  expect(harmless('\u001b[31mred\u001b[0m\u0007 bell', 50)).toBe('red  bell')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 50 }), (text, most) => {
      const shown = harmless(text, most)
      const isControl = (char: string) => (char < ' ' && char !== '\t' && char !== '\n') || char === '\u007f'
      return shown.length <= most && ![...shown].some(isControl)
    }),
  )
})

it('cuts no character in half', () => expect(harmless('ab😀😀', 4)).toBe('ab…'))

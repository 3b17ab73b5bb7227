import fc from 'fast-check'
import { expect, it } from 'vitest'
import { harmless } from '../../src/cluster/harmless.ts'

it.each([
  ['password=hunter2 user=shop', 'password=[secret] user=shop'],
  ['{"api_key": "abc def", "port": 80}', '{"api_key": [secret], "port": 80}'],
  ["DB_PASSWORD='two words'", 'DB_PASSWORD=[secret]'],
  ['cannot reach postgres://shop:hunter2@db:5432/shop', 'cannot reach postgres://[secret]@db:5432/shop'],
  ['Authorization: Bearer abcdefgh12345', 'Authorization: [secret]'],
  ['Authorization: Token abc123def456', 'Authorization: [secret]'],
  ['Authorization: ApiKey abc 123\nHost: shop', 'Authorization: [secret]\nHost: shop'],
  ['{"Authorization":"Token abc","port":80}', '{"Authorization":[secret],"port":80}'],
  ['SECRET_KEY=django-insecure-abc', 'SECRET_KEY=[secret]'],
  ['STRIPE_SECRET_KEY: sk_live_abcdef', 'STRIPE_SECRET_KEY: [secret]'],
  ['"secretKey":"abc"', '"secretKey":[secret]'],
  ['AccountName=shop;AccountKey=abc==;Port=1', 'AccountName=shop;AccountKey=[secret];Port=1'],
  ['PASSPHRASE=x private-key: y', 'PASSPHRASE=[secret] private-key: [secret]'],
  ['DB_PASS=hunter2 db_pass: hunter2', 'DB_PASS=[secret] db_pass: [secret]'],
  [`{ user: 'shop', pass: 'two words' }`, `{ user: 'shop', pass: [secret] }`],
  ['--password hunter2 --db-pass hunter2 --port 80', '--password [secret] --db-pass [secret] --port 80'],
  ['postgres://shop:p@ss@db/shop?mail=a@b.example', 'postgres://[secret]@db/shop?mail=a@b.example'],
  [String.raw`{"password":"a\"bcd","port":80}`, '{"password":[secret],"port":80}'],
  [String.raw`"{\"password\":\"two words\",\"port\":80}"`, String.raw`"{\"password\":[secret],\"port\":80}"`],
  ['sent bearer abcdefgh12345', 'sent bearer [secret]'],
  ['key xoxb-123456789012-abcdef refused', 'key [secret] refused'],
  ['key sk_live_abcdef12345678 refused', 'key [secret] refused'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', '[secret]'],
  [`MIIEvQIBADANBgkqhkiG9w0BAQEFAASC${'Bk'.repeat(20)}`, '[secret]'],
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END', '[secret]'],
])('hides what looks like a secret: %s', (text, shown) => {
  expect(harmless(text, 200)).toBe(shown)
})

it.each([
  'failed to pull registry.example.com/shop@sha256:0123456789abcdef: not found (exit code 1)',
  'tokens=128, max_tokens: 4096, "token_count":12, "tokens": {"input": 12}, tokens_per_second=12.5/s',
  'agent --max-tokens 4096 --token --verbose',
  '3 suites, pass: 3',
  'TokenExpiredError: jwt expired',
  'DB_PASSWORD_FILE=/run/secrets/db: no such file',
  'secret "shop-db" not found',
  'see https://shop.example.com/a@b',
])('leaves what people need to see: %s', (text) => {
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

import { expect, test } from 'vitest'
import { parseRedisUrl } from '../../src/config/redis-url.ts'

const one = { sentinels: [{ host: 'a', port: 26379 }], name: 'ledger', db: 0, tls: false }

test.each([
  ['redis://127.0.0.1:6379', { url: 'redis://127.0.0.1:6379' }],
  ['rediss://:p@redis/2', { url: 'rediss://:p@redis/2' }],
  ['redis://[::1]:6379?family=6', { url: 'redis://[::1]:6379?family=6' }],
  ['redis://bot:a%2Fb%25@redis:6379', { url: 'redis://bot:a%2Fb%25@redis:6379' }],
  ['redis+sentinel://a:26379/ledger', one],
  ['rediss+sentinel://a:26379/ledger/3', { ...one, db: 3, tls: true }],
  [
    'redis+sentinel://bot:p%40ss%2F:x@a:26379,b-1.svc:26380,[::1]:26381/my.ledger-1',
    {
      sentinels: [
        { host: 'a', port: 26379 },
        { host: 'b-1.svc', port: 26380 },
        { host: '::1', port: 26381 },
      ],
      name: 'my.ledger-1',
      db: 0,
      username: 'bot',
      password: 'p@ss/:x',
      tls: false,
    },
  ],
  ['redis+sentinel://:pass@a:26379/ledger', { ...one, password: 'pass' }],
])('%s', (text, expected) => expect(parseRedisUrl(text)).toEqual(expected))

test.each([
  'http://a:1',
  'redis://:ab/cd@a:1',
  'redis://:ab#cd@a:1',
  'redis://:ab?cd@a:1',
  'redis://bot:12/cd@a:1',
  'redis://bot:12#cd@a:1',
  'redis://bot:12?cd@a:1',
  'redis://:%zz@a:1',
  'redis://%zz:p@a:1',
  'redis://:p@',
  'redis:///2',
  'redis://a:99999',
  'redis://a:x',
  'redis+sentinel://a:26379',
  'redis+sentinel://a:26379/',
  'redis+sentinel://a/ledger',
  'redis+sentinel://a:26379,/ledger',
  'redis+sentinel://a:0/ledger',
  'redis+sentinel://a:65536/ledger',
  'redis+sentinel://:%zz@a:26379/ledger',
  'redis+sentinel://a:26379/ledger/x',
  'redis+sentinel://a:26379/ledger name',
  'sentinel://a:26379/ledger',
])('%s is refused', (text) => expect(parseRedisUrl(text)).toBeNull())

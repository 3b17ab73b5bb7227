import { expect, test } from 'vitest'
import { retryAfter } from '../src/retry-after.ts'

const date = 'Wed, 01 Jul 2026 03:00:00 GMT'

test.each<[Record<string, string>, number | undefined]>([
  [{ 'retry-after': '30' }, 30_000],
  [{ 'retry-after': ' 0 ' }, 0],
  [{ 'retry-after': 'Wed, 01 Jul 2026 03:00:30 GMT', date }, 30_000],
  [{ 'retry-after': 'Wed, 01 Jul 2026 02:59:00 GMT', date }, 0],
  [{ 'retry-after': 'Wed, 01 Jul 2026 03:00:30 GMT' }, undefined],
  [{ 'retry-after': '-1', date: 'nonsense' }, undefined],
  [{ 'retry-after': 'soon', date }, undefined],
  [{ 'retry-after': '', date }, undefined],
  [{ date }, undefined],
])('%j asks for %s ms', (headers, expected) => expect(retryAfter((name) => headers[name])).toBe(expected))

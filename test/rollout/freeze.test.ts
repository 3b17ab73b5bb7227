import { describe, expect, test } from 'vitest'
import { type FreezeWindow, frozenAt, nextFreeze } from '../../src/rollout/freeze.ts'
import { wallText } from '../../src/rollout/wall-time.ts'

const hour = 3_600_000
const day = 24 * hour
const berlin = 'Europe/Berlin'
/** A weekly window by its days since Monday and hours. */
const weekly = (from: readonly [number, number], to: readonly [number, number], zone = berlin): FreezeWindow => {
  const ms = ([days, hours]: readonly [number, number]) => days * day + hours * hour
  return { title: 'Weekend', zone, every: 'weekly', from: ms(from), to: ms(to) }
}
const dated = (from: string, to: string, title = 'Year end'): FreezeWindow => {
  return { title, zone: berlin, every: 'dated', from: Date.parse(`${from}Z`), to: Date.parse(`${to}Z`) }
}
const at = (iso: string) => Date.parse(iso)
const until = (windows: readonly FreezeWindow[], iso: string) => {
  const freeze = frozenAt(windows, at(iso))
  return freeze === null ? null : new Date(freeze.until).toISOString()
}

describe('a weekly window', () => {
  const weekend = [weekly([4, 16], [0, 8])]

  test('holds from its first moment on, over the end of the week, and no longer', () => {
    // In July Berlin is two hours ahead of UTC; 3 July 2026 is a Friday.
    expect(until(weekend, '2026-07-03T13:59:59.999Z')).toBeNull()
    expect(until(weekend, '2026-07-03T14:00:00Z')).toBe('2026-07-06T06:00:00.000Z')
    expect(until(weekend, '2026-07-05T22:30:00Z')).toBe('2026-07-06T06:00:00.000Z')
    expect(until(weekend, '2026-07-06T05:59:59.999Z')).toBe('2026-07-06T06:00:00.000Z')
    expect(until(weekend, '2026-07-06T06:00:00Z')).toBeNull()
  })

  test('keeps to the wall’s time when the clock is turned in it, both ways', () => {
    expect(until(weekend, '2026-03-27T15:00:00Z')).toBe('2026-03-30T06:00:00.000Z')
    expect(until(weekend, '2026-03-27T14:59:59Z')).toBeNull()
    expect(until(weekend, '2026-10-23T14:00:00Z')).toBe('2026-10-26T07:00:00.000Z')
  })

  test('takes the longer way at an hour that comes twice, or never', () => {
    // On 25 October 2026 2:30 comes twice, on 29 March never.
    const ending = [weekly([5, 0], [6, 2.5])]
    expect(until(ending, '2026-10-25T01:29:00Z')).toBe('2026-10-25T01:30:00.000Z')
    const beginning = [weekly([6, 2.5], [6, 12])]
    expect(until(beginning, '2026-10-25T00:30:00Z')).toBe('2026-10-25T11:00:00.000Z')
    expect(until(beginning, '2026-03-29T00:30:00Z')).toBe('2026-03-29T10:00:00.000Z')
    expect(until(ending, '2026-03-29T01:29:59Z')).toBe('2026-03-29T01:30:00.000Z')
  })

  test('lies elsewhere in another zone', () => {
    const kolkata = [weekly([4, 16], [0, 8], 'Asia/Kolkata')]
    expect(until(kolkata, '2026-07-03T10:29:59Z')).toBeNull()
    expect(until(kolkata, '2026-07-03T10:30:00Z')).toBe('2026-07-06T02:30:00.000Z')
  })
})

test('a dated window holds once', () => {
  const windows = [dated('2026-12-20T00:00', '2027-01-04T08:00')]
  expect(until(windows, '2026-12-19T22:59:59Z')).toBeNull()
  expect(until(windows, '2026-12-19T23:00:00Z')).toBe('2027-01-04T07:00:00.000Z')
  expect(until(windows, '2027-12-24T12:00:00Z')).toBeNull()
})

test('windows that follow without a gap are one freeze, called by the first', () => {
  const windows = [
    dated('2026-12-20T00:00', '2026-12-24T00:00', 'A'),
    dated('2026-12-24T00:00', '2026-12-26T00:00', 'B'),
  ]
  const until = at('2026-12-25T23:00:00Z')
  const from = at('2026-12-19T23:00:00Z')
  expect(frozenAt(windows, at('2026-12-21T00:00:00Z'))).toEqual({ title: 'A', from, until, zone: berlin })
  expect(frozenAt(windows, at('2026-12-25T00:00:00Z'))).toEqual({ title: 'B', from, until, zone: berlin })
})

test('times are shown as the wall shows them', () => {
  expect(wallText(at('2027-01-04T07:00:00Z'), berlin)).toBe('Mon, 4 Jan 2027, 08:00 (Europe/Berlin)')
  expect(wallText(at('2026-07-03T22:00:00Z'), berlin)).toBe('Sat, 4 Jul 2026, 00:00 (Europe/Berlin)')
})

test('nothing is frozen without windows, and one without end comes to an answer', () => {
  expect(frozenAt([], 0)).toBeNull()
  const always = [weekly([0, 0], [3, 0]), weekly([3, 0], [0, 0])]
  expect(frozenAt(always, at('2026-07-01T00:00:00Z'))?.until).toBeGreaterThan(at('2027-07-01T00:00:00Z'))
  expect(frozenAt(always, at('2026-07-01T00:00:00Z'))?.from).toBeLessThan(at('2025-07-01T00:00:00Z'))
})

describe('the next freeze', () => {
  const weekend = [weekly([4, 16], [0, 8])]
  // A Wednesday at noon UTC; the weekend begins 50 hours later.
  const wednesday = at('2026-07-01T12:00:00Z')
  const friday = at('2026-07-03T14:00:00Z')

  test('is the first that begins within the time, with its whole length', () => {
    const next = { title: 'Weekend', from: friday, until: at('2026-07-06T06:00:00Z'), zone: berlin }
    expect(nextFreeze(weekend, wednesday, 50 * hour)).toEqual(next)
    expect(nextFreeze(weekend, wednesday, 50 * hour - 1)).toBeNull()
    const other = [dated('2026-07-02T00:00', '2026-07-02T12:00'), ...weekend]
    expect(nextFreeze(other, wednesday, 70 * hour)?.title).toBe('Year end')
  })

  test('is not the one that holds already', () => {
    expect(nextFreeze(weekend, friday, hour)).toBeNull()
  })

  test('is found weeks ahead, and goes on into what follows without a gap', () => {
    const far = [dated('2026-08-20T00:00', '2026-08-21T00:00', 'A'), dated('2026-08-21T00:00', '2026-08-22T00:00', 'B')]
    const next = { title: 'A', from: at('2026-08-19T22:00:00Z'), until: at('2026-08-21T22:00:00Z'), zone: berlin }
    expect(nextFreeze(far, wednesday, 60 * day)).toEqual(next)
    expect(nextFreeze([weekly([1, 0], [1, 1])], wednesday, 6 * day)?.from).toBe(at('2026-07-06T22:00:00Z'))
  })

  test('is none without windows', () => {
    expect(nextFreeze([], wednesday, 60 * day)).toBeNull()
  })
})

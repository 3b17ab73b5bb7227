import { expect, test } from 'vitest'
import { createEventReader } from '../../src/ledger/event-reader.ts'
import { type Event, schemaVersion } from '../../src/rollout/events.ts'
import { holderOf, service } from '../rollout/drive.ts'

/** The line of an event of rollout 1. */
function line(version: number, reason: string): string {
  const place = { v: schemaVersion, service, rollout: 1, version, at: 1, command: `c${version}` } as const
  const event: Event = { ...place, type: 'paused', by: holderOf('sre'), reason }
  return JSON.stringify(event)
}
const reasonOf = (event: Event | undefined) => (event?.type === 'paused' ? event.reason : undefined)

test('a line that is the same is taken apart once, wherever the reading begins', () => {
  const reader = createEventReader(service)
  const [one, two] = reader.read(1, 0, [line(1, 'a'), line(2, 'b')])
  expect(reader.read(1, 0, [line(1, 'a'), line(2, 'b')])[0]).toBe(one)
  expect(reader.read(1, 1, [line(2, 'b')])[0]).toBe(two)
})

test('a ledger that came back with other lines is read as it is', () => {
  const reader = createEventReader(service)
  reader.read(1, 0, [line(1, 'a'), line(2, 'b')])
  expect(reader.read(1, 0, [line(1, 'a'), line(2, 'another')]).map(reasonOf)).toEqual(['a', 'another'])
  expect(reader.read(1, 0, [line(1, 'a'), line(2, 'b')]).map(reasonOf)).toEqual(['a', 'b'])
})

test('a known line at another place is as broken as any, and so is one that was changed by a letter', () => {
  const reader = createEventReader(service)
  reader.read(1, 0, [line(1, 'a'), line(2, 'b')])
  expect(() => reader.read(1, 0, [line(2, 'b')])).toThrow(expect.objectContaining({ code: 'ledger-corrupt' }))
  expect(() => reader.read(1, 0, [line(1, 'a').slice(1)])).toThrow(expect.objectContaining({ code: 'ledger-corrupt' }))
})

test('of a rollout that is forgotten, and of the one that was asked for longest ago, nothing is kept', () => {
  const reader = createEventReader(service)
  const read = (rollout: number) => reader.read(rollout, 0, [line(1, 'a')])[0]
  const first = read(1)
  reader.forget(1)
  const again = read(1)
  expect(again).not.toBe(first)
  for (let other = 2; other <= 8; other++) read(other)
  expect(read(1)).toBe(again)
  for (let other = 9; other <= 16; other++) read(other)
  expect(read(1)).not.toBe(again)
})

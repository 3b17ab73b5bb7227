import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readEvent } from '../../src/ledger/upcast.ts'
import { type Event, schemaVersion } from '../../src/rollout/events.ts'
import { evolve } from '../../src/rollout/evolve.ts'
import type { Stage, State } from '../../src/rollout/state.ts'

/**
 * Ledgers as earlier versions of Slipway wrote them, one folder a schema version. They are never written again: what
 * stands in somebody's Redis does not change either.
 */
const folder = new URL('versions/', import.meta.url)

/** How each of them ended when it was written. */
const ends: Readonly<Record<string, { stage: Stage; weight: number; pages: number }>> = {
  '1/break-glass': { stage: 'rolled-back', weight: 0, pages: 0 },
  '1/complete': { stage: 'complete', weight: 100, pages: 2 },
  '1/recovery-not-seen': { stage: 'rolled-back', weight: 0, pages: 1 },
  '1/released': { stage: 'released', weight: 100, pages: 0 },
  '1/rolled-back': { stage: 'rolled-back', weight: 0, pages: 2 },
  '1/shifting': { stage: 'shifting', weight: 0, pages: 0 },
  '1/waiting': { stage: 'waiting', weight: 5, pages: 0 },
  '2/awaiting-sign-off': { stage: 'awaiting-sign-off', weight: 0, pages: 0 },
  '2/complete': { stage: 'complete', weight: 100, pages: 0 },
  '2/course-1': { stage: 'complete', weight: 100, pages: 1 },
  '2/course-10': { stage: 'soaking', weight: 5, pages: 0 },
  '2/course-11': { stage: 'rolled-back', weight: 0, pages: 0 },
  '2/course-2': { stage: 'rolled-back', weight: 0, pages: 1 },
  '2/course-3': { stage: 'soaking', weight: 5, pages: 0 },
  '2/course-4': { stage: 'rolled-back', weight: 0, pages: 2 },
  '2/course-5': { stage: 'rolled-back', weight: 0, pages: 0 },
  '2/course-6': { stage: 'rolled-back', weight: 0, pages: 2 },
  '2/course-7': { stage: 'awaiting-sign-off', weight: 5, pages: 1 },
  '2/course-8': { stage: 'waiting', weight: 5, pages: 1 },
  '2/course-9': { stage: 'rolled-back', weight: 0, pages: 1 },
  '2/lost': { stage: 'rolled-back', weight: 0, pages: 1 },
  '2/rolled-back': { stage: 'rolled-back', weight: 0, pages: 0 },
  '2/skipped': { stage: 'soaked', weight: 5, pages: 0 },
  '2/soaking': { stage: 'soaking', weight: 5, pages: 0 },
  '2/taken-over': { stage: 'soaking', weight: 5, pages: 1 },
  '2/waiting': { stage: 'waiting', weight: 5, pages: 0 },
}

const kept = readdirSync(folder)
  .flatMap((version) => readdirSync(new URL(`${version}/`, folder)).map((file) => `${version}/${file}`))
  .map((file) => file.replace(/\.jsonl$/, ''))

function linesOf(name: string): readonly string[] {
  return readFileSync(new URL(`${name}.jsonl`, folder), 'utf8')
    .trim()
    .split('\n')
}

test('every kept ledger has its end noted here', () => {
  expect(kept.toSorted()).toEqual(Object.keys(ends))
})

test.each(kept)('%s is read and folded to the end it had', (name) => {
  const events = linesOf(name).map((line, i) => readEvent(line, name, i + 1))
  const state = events.reduce<State | null>(evolve, null)
  expect({ stage: state?.stage, weight: state?.weight, pages: state?.pages.length }).toEqual(ends[name])
  expect(new Set(events.map((e) => e.v))).toEqual(new Set([schemaVersion]))
})

test.each([
  [1, 37],
  [2, 48],
])('the ledgers of version %i hold the %i kinds of events that it had', (version, kinds) => {
  const types = kept
    .filter((name) => name.startsWith(`${version}/`))
    .flatMap((name) => linesOf(name).map((line, i) => readEvent(line, name, i + 1).type))
  expect(new Set<Event['type']>(types).size).toBe(kinds)
})

test('every older schema version has ledgers here', () => {
  const versions = new Set(kept.map((name) => Number(name.split('/')[0])))
  expect([...versions].toSorted()).toEqual(Array.from({ length: schemaVersion - 1 }, (_, i) => i + 1))
})

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
  '2/lost': { stage: 'rolled-back', weight: 0, pages: 1 },
  '2/skipped': { stage: 'soaked', weight: 5, pages: 0 },
  '2/taken-over': { stage: 'soaking', weight: 5, pages: 1 },
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

test('the ledgers of version 1 hold every kind of event that version 1 had', () => {
  const types = kept
    .filter((name) => name.startsWith('1/'))
    .flatMap((name) => linesOf(name).map((line, i) => readEvent(line, name, i + 1).type))
  expect(new Set<Event['type']>(types).size).toBe(37)
})

test('every older schema version has ledgers here', () => {
  const versions = new Set(kept.map((name) => Number(name.split('/')[0])))
  expect([...versions].toSorted()).toEqual(Array.from({ length: schemaVersion - 1 }, (_, i) => i + 1))
})

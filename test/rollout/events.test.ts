import { describe, expect, it } from 'vitest'
import { parseEvent, schemaVersion } from '../../src/rollout/events.ts'
import { evolve } from '../../src/rollout/evolve.ts'
import { at, evidence, withoutNumber } from './ways.ts'

const [first, second] = at('awaiting-sign-off').events
if (first === undefined || second === undefined) throw new Error('no events')

describe('an event read from the ledger', () => {
  it('keeps nulls: no number is not 0', () => {
    for (const of of [evidence, withoutNumber]) {
      const [breach] = at('soaking').say({ type: 'record-breach', evidence: of }).events
      expect(parseEvent(JSON.parse(JSON.stringify(breach)))).toMatchObject({ evidence: of })
    }
  })

  it('is refused when it is of another schema, of no known type, or without its place', () => {
    const { version: _version, ...placeless } = first
    for (const wrong of [
      { ...first, v: schemaVersion + 1 },
      { ...first, type: 'renamed' },
      placeless,
      null,
      'prepared',
    ])
      expect(() => parseEvent(wrong)).toThrow()
  })

  it('is refused when a number was no number', () => {
    const restored = { ...second, type: 'weights-restored', from: Number.NaN, steps: [], restoredAt: 1 }
    expect(() => parseEvent(JSON.parse(JSON.stringify(restored)))).toThrow()
  })
})

describe('a fold', () => {
  it('begins with rollout-started, once', () => {
    expect(() => evolve(null, second)).toThrow(/begins with rollout-started/)
    expect(() => evolve(evolve(null, first), first)).toThrow(/starts once/)
  })
})

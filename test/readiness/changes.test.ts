import { expect, test } from 'vitest'
import { changesSince } from '../../src/readiness/changes.ts'
import { sampleFinding } from './sample-report.ts'

const [A, B, C] = ['a', 'b', 'c']

const of = (...findings: ReturnType<typeof sampleFinding>[]) => ({ findings })

test('what comes to the same is no change, whatever was found', () => {
  const now = of(sampleFinding(A, 'pass', { found: 'other' }), sampleFinding(B, 'block', { found: 'worse' }))
  expect(changesSince(of(sampleFinding(A, 'pass'), sampleFinding(B, 'block')), now)).toEqual([])
})

test('blocks come first, then warnings, then what passes again', () => {
  const before = of(sampleFinding(A, 'block'), sampleFinding(B, 'pass'), sampleFinding(C, 'pass'))
  const now = of(sampleFinding(A, 'pass'), sampleFinding(B, 'warn'), sampleFinding(C, 'block'))
  const changes = changesSince(before, now)
  expect(changes.map(({ title, was, now }) => [title, was, now])).toEqual([
    [C, 'pass', 'block'],
    [B, 'pass', 'warn'],
    [A, 'block', 'pass'],
  ])
  expect(changes[0]?.mend).toBe('Mend it.')
  expect(changes[2]).not.toHaveProperty('mend')
})

test('what was not checked before, or not at all, is told where it does not pass', () => {
  const now = of(sampleFinding(A, 'pass'), sampleFinding(B, 'warn'))
  for (const before of [null, of()])
    expect(changesSince(before, now).map(({ title, was }) => [title, was])).toEqual([[B, null]])
})

test('what is no longer checked is no change', () => {
  expect(changesSince(of(sampleFinding(A, 'block')), of())).toEqual([])
})

import { expect, test } from 'vitest'
import { rolledBackText } from '../../src/cli/roll-back.ts'

const done = {
  namespace: 'shop',
  what: 'VirtualService shop',
  service: 'shop',
  rollout: 7,
  stable: 'blue',
  canary: 'green',
  to: 0,
  steps: [{ name: 'write', ms: 12.4 }],
} as const
const point = { phase: 2, weight: 20, what: 'the migration of the orders' }

test.each([
  [20, 'This is past the point of no return: the traffic is back, but the migration of the orders is not undone.'],
  [
    5,
    'If phase 2 (20 %) had started, the point of no return is passed, and the migration of the orders is not undone.',
  ],
  [0, 'If phase 2 (20 %) had started,'],
])('a terminal that takes %i % back is told of the point of no return that the mark knows', (from, said) => {
  const [first, second] = rolledBackText({ ...done, from, pointOfNoReturn: point }).split('\n')
  expect(first).toBe(
    `Rolled back. All traffic of shop is on stable (blue), read back; the canary had ${from} %. write 12 ms.`,
  )
  expect(second).toContain(said)
})

test('and of none where there is none', () => {
  expect(rolledBackText({ ...done, from: 100 })).not.toContain('no return')
})

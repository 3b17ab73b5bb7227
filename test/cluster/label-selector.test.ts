import { expect, it } from 'vitest'
import { labelSelector, selects } from '../../src/cluster/label-selector.ts'

const labels = { app: 'shop', track: 'blue' }
const matchLabels = { app: 'shop' }
const expression = (key: string, operator: string, ...values: string[]) => ({ key, operator, values })

it.each([
  ['everything where it is empty', {}, true],
  ['by a label', { matchLabels }, true],
  ['not by a label of another value', { matchLabels: { app: 'cart' } }, false],
  ['one of several values', { matchExpressions: [expression('app', 'In', 'cart', 'shop')] }, true],
  ['not by other values', { matchExpressions: [expression('app', 'In', 'cart')] }, false],
  ['not by a label that is missing', { matchExpressions: [expression('tier', 'In', 'front')] }, false],
  ['all but some values', { matchExpressions: [expression('app', 'NotIn', 'cart')] }, true],
  ['not what has one of them', { matchExpressions: [expression('app', 'NotIn', 'cart', 'shop')] }, false],
  ['also what lacks the label', { matchExpressions: [expression('tier', 'NotIn', 'front')] }, true],
  ['what has the label', { matchExpressions: [{ key: 'app', operator: 'Exists' }] }, true],
  ['not what lacks it', { matchExpressions: [{ key: 'tier', operator: 'Exists' }] }, false],
  ['what lacks the label', { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] }, true],
  ['not what has it', { matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] }, false],
  ['only where all holds', { matchLabels, matchExpressions: [expression('track', 'In', 'green')] }, false],
])('selects %s', (_, selector, selected) => {
  expect(selects(labelSelector.parse(selector), labels)).toBe(selected)
})

it('is not understood with an operator that there is not', () => {
  expect(labelSelector.safeParse({ matchExpressions: [expression('app', 'Gt', '1')] }).success).toBe(false)
})

import { expect, test } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import { frozenAt } from '../../src/rollout/freeze.ts'
import { exampleWith } from './example.ts'

const written = `title: Shop
freezes:
  - { title: Weekend, zone: Europe/Berlin, from: Fri 16:00, to: Mon 08:00 }
  - { title: Year end, zone: Europe/Berlin, from: 2026-12-20 00:00, to: 2027-01-04 08:00 }
`
const { freezes } = parseConfig(exampleWith('title: Shop\n', written), 'f.yaml')

test.each([
  ['2026-07-03T13:59:00Z', null, null, null],
  ['2026-07-03T14:00:00Z', 'Weekend', '2026-07-03T14:00:00Z', '2026-07-06T06:00:00Z'],
  ['2026-12-22T12:00:00Z', 'Year end', '2026-12-18T15:00:00Z', '2027-01-04T07:00:00Z'],
])('what the file says holds: %s', (at, title, from, until) => {
  const span = { from: Date.parse(from ?? ''), until: Date.parse(until ?? '') }
  const freeze = title === null ? null : { title, ...span, zone: 'Europe/Berlin' }
  expect(frozenAt(freezes, Date.parse(at))).toEqual(freeze)
})

test('without the key nothing is ever frozen', () => {
  expect(parseConfig(exampleWith('title: Shop\n', 'title: Shop\n'), 'f.yaml').freezes).toEqual([])
})

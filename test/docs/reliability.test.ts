import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { plants } from '../simulation/plants.ts'
import { enabled } from '../simulation/scenario.ts'

const page = readFileSync('docs/reliability.md', 'utf8')
const rules = readdirSync('test/simulation/rules').map((file) => file.replace(/\.ts$/, ''))
/** Names of rules stand in the table, in brackets after the word. */
const named = [...page.matchAll(/simulation \(([^)]+)\)/g)].flatMap(([, list]) =>
  [...(list ?? '').matchAll(/`([a-z-]+)`/g)].flatMap(([, name]) => name ?? []),
)

test('every rule that the page names is one of the simulation', () => {
  expect(named.length).toBeGreaterThan(5)
  expect(rules).toEqual(expect.arrayContaining(named))
})

test('the page counts the rules and the planted faults as they are', () => {
  const index = readFileSync('test/simulation/rules/index.ts', 'utf8')
  const list = /const rules[^=]*= \[([^\]]+)\]/.exec(index)?.[1] ?? ''
  expect(page).toContain(`${list.trim().split('\n').length} rules are checked`)
  expect(page).toContain(`${Object.keys(plants).length} bugs are planted`)
})

test('what the simulation leaves out is what its switches say', () => {
  const off = Object.entries(enabled).flatMap(([name, on]) => (on ? [] : [name]))
  expect([...page.matchAll(/switch `(\w+)`/g)].map(([, name]) => name)).toEqual(off)
})

test('the runs of chaos are as many as the page says', () => {
  const chaos = readFileSync('test/e2e/chaos/chaos.test.ts', 'utf8')
  const [, long, short] = /SLIPWAY_TEST_LONG === '1' \? (\d+) : (\d+)/.exec(chaos) ?? []
  expect(page).toContain(`the first ${short} are in script/test, ${long} in script/test --long`)
  const [, least] = /const least = (\d+)/.exec(chaos) ?? []
  expect(page).toContain(`at least ${least}`)
})

test('the runs of the simulation are as many as the page says', () => {
  const simulation = readFileSync('test/simulation/simulation.test.ts', 'utf8')
  const number = (of: RegExp) => Number(of.exec(simulation)?.[1]?.replaceAll('_', '')).toLocaleString('en')
  const [long, short] = [number(/=== '1' \? ([\d_]+)/), number(/=== '1' \? [\d_]+ : ([\d_]+)/)]
  expect(page).toContain(`script/test runs the first ${short} seeds, script/test --long up to ${long}`)
  expect(page).toContain(`at least ${number(/const least = ([\d_]+)/)}`)
})

test('figures stand where they belong', () => {
  expect(page).not.toMatch(/\bFIGURES\b/)
})

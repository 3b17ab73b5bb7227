import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { manners, systems } from '../../src/sandbox/outside.ts'
import { breakages } from '../../src/sandbox/service/breakage.ts'
import { troubleNames } from '../../src/sandbox/troubles.ts'

const page = readFileSync('docs/sandbox.md', 'utf8')

it('the page of the sandbox has a line for everything that can be broken, and no other', () => {
  const lines = [...page.matchAll(/^\| `([a-z0-9-]+)` +\|/gm)].flatMap(([, name]) => name ?? [])
  expect(lines.toSorted()).toEqual([...breakages, ...troubleNames].toSorted())
})

it('the page of the sandbox names every system, and how it can be unwell', () => {
  for (const system of systems) expect(page).toContain(`\`${system}\``)
  for (const manner of manners) expect(page.toLowerCase()).toContain(`*${manner}*`)
})

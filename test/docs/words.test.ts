import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fenceAnnotation, markAnnotation, minimumAnnotation } from '../../src/cluster/names.ts'
import { environmentSchema } from '../../src/config/environment-schema.ts'
import { secretNames } from '../../src/config/environment-variables.ts'
import { releaseFields } from '../../src/config/release-schema.ts'
import { missingReasons } from '../../src/rollout/plan.ts'
import { usages } from '../../src/slack/usages.ts'

const read = (file: string) => readFileSync(file, 'utf8')
const [readme, guide, operations] = [read('README.md'), read('docs/guide.md'), read('docs/operations.md')] as const
const all = [readme, guide, operations].join('\n')
const foundIn = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].flatMap(([, group]) => group ?? [])

describe('the words of README, guide and operations', () => {
  it('show every command of /deploy as its help does, and no other', () => {
    const shown = foundIn(readme, /^\| `(\/deploy [^`]+)` +\|/gm)
    expect(shown).toEqual(Object.values(usages).flatMap((usage) => foundIn(usage, /^`([^`]+)`/g)))
  })

  it('name only commands of /deploy that exist', () => {
    const words = new Set(foundIn(all, /\/deploy ([a-z-]+)/g))
    expect(Object.keys(usages)).toEqual(expect.arrayContaining([...words]))
  })

  it('name only variables that Slipway reads', () => {
    const named = new Set(
      foundIn(all, /`((?:SLACK|SLIPWAY|PAGERDUTY)_[A-Z_]+)/g).map((name) => name.replace(/_FILE$/, '')),
    )
    expect(Object.keys(environmentSchema.shape)).toEqual(expect.arrayContaining([...named]))
  })

  it('of the page on security name every secret that Slipway takes', () => {
    const named = new Set(foundIn(read('SECURITY.md'), /`([A-Z][A-Z_]+)`/g))
    expect([...named]).toEqual(expect.arrayContaining([...secretNames]))
  })

  it('name only keys of `release` that exist', () => {
    const keys = new Set(foundIn(all, /`release\.([A-Za-z]+)/g))
    expect(Object.keys(releaseFields)).toEqual(expect.arrayContaining([...keys]))
  })

  it('explain every reason why a number is missing', () => {
    const section = operations.split(/^## /m).find((part) => part.startsWith('Blind')) ?? ''
    expect(foundIn(section, /^\| `([a-z-]+)` +\|/gm)).toEqual([...missingReasons])
  })

  it('call the annotations by their names', () => {
    const names = new Set(foundIn(all, /(slipway\.dev\/[a-z]+)/g))
    expect([...names].toSorted()).toEqual([fenceAnnotation, markAnnotation, minimumAnnotation].toSorted())
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { less, offersOf, unserved } from '../../src/rollout/quorum.ts'

/** Tries every way: the most sign-offs that can have a person each. */
function mostServed(needed: readonly (readonly string[])[], taken: readonly string[] = []): number {
  const [first, ...rest] = needed
  if (first === undefined) return 0
  const withPerson = first
    .filter((person) => !taken.includes(person))
    .map((person) => 1 + mostServed(rest, [...taken, person]))
  return Math.max(mostServed(rest, taken), ...withPerson)
}

const roles = ['commander', 'sre', 'devops'] as const
const holders = fc.uniqueArray(fc.constantFrom('A', 'B', 'C', 'D'))
const known = fc.record({ commander: holders, sre: holders, devops: holders })
const needed = fc.array(fc.constantFrom(...roles), { maxLength: 5 })

describe('one person signs once', () => {
  it('finds the way round when the first choice is needed elsewhere', () => {
    expect(unserved(['lead', 'ops'], { lead: ['A', 'B'], ops: ['A'] })).toEqual([])
  })

  it('sees that three roles of two people do not work out, though each two would', () => {
    expect(unserved(['lead', 'ops', 'quality'], { lead: ['A', 'B'], ops: ['A', 'B'], quality: ['A', 'B'] })).toEqual([
      'quality',
    ])
  })

  it('wants two people of a role that stands twice', () => {
    expect(unserved(['sre', 'sre'], { sre: ['A'] })).toEqual(['sre'])
    expect(unserved(['sre', 'sre'], { sre: ['A', 'B'] })).toEqual([])
  })

  it('leaves as few sign-offs without a person as trying every way does', () => {
    fc.assert(
      fc.property(needed, known, (list, people) => {
        const most = mostServed(list.map((role) => people[role]))
        expect(unserved(list, people)).toHaveLength(list.length - most)
      }),
    )
  })
})

describe('the roles that somebody is offered', () => {
  it('begin with the one that leaves the rest to others', () => {
    const others = { commander: [], sre: ['B'] }
    expect(offersOf(['sre', 'commander'], ['sre', 'commander'], others)).toEqual([
      { role: 'commander', reachable: true },
      { role: 'sre', reachable: false },
    ])
  })

  it('hold one within reach whenever the quorum was within reach with this person', () => {
    fc.assert(
      fc.property(needed, known, (missing, people) => {
        const fitting = roles.filter((role) => people[role].includes('A') && missing.includes(role))
        const others = Object.fromEntries(roles.map((role) => [role, people[role].filter((p) => p !== 'A')]))
        fc.pre(fitting.length > 0 && unserved(missing, people).length === 0)
        const [first, ...rest] = offersOf(missing, fitting, others)
        expect(first?.reachable).toBe(true)
        expect(unserved(less(missing, [first?.role ?? '']), others)).toEqual([])
        for (const offer of rest)
          expect(offer.reachable).toBe(unserved(less(missing, [offer.role]), others).length === 0)
      }),
    )
  })

  it('never harm when only one fits: signing as it leaves within reach what was', () => {
    fc.assert(
      fc.property(needed, known, (missing, people) => {
        const fitting = roles.filter((role) => people[role].includes('A') && missing.includes(role))
        fc.pre(fitting.length === 1 && unserved(missing, people).length === 0)
        const others = Object.fromEntries(roles.map((role) => [role, people[role].filter((p) => p !== 'A')]))
        expect(offersOf(missing, fitting, others)).toEqual([{ role: fitting[0], reachable: true }])
      }),
    )
  })
})

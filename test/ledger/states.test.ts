import { expect, test } from 'vitest'
import { chained, chainStart } from '../../src/ledger/chain.ts'
import { statesAfter } from '../../src/ledger/states.ts'
import type { Event } from '../../src/rollout/events.ts'
import { evolve } from '../../src/rollout/evolve.ts'
import type { State } from '../../src/rollout/state.ts'
import { at, stages } from '../rollout/ways.ts'

/** Every way through a rollout that the other tests know. */
const ways = stages.map((stage) => at(stage).events)

function fromScratch(history: readonly Event[], version: number) {
  let state: State | null = null
  return history.flatMap((event) => {
    state = evolve(state, event)
    return event.version > version ? [{ event, state }] : []
  })
}

test.each([
  ['chained', (events: readonly Event[]) => chained<Event>(events, chainStart)],
  ['written before there were chains', (events: readonly Event[]) => events],
])(
  'the states of a history that was %s are those of the whole fold, wherever one begins and however often',
  (_, form) => {
    for (const events of ways) {
      const history = form(events)
      for (let times = 0; times < 2; times++)
        for (let version = 0; version <= history.length; version++)
          expect(statesAfter(history, version)).toEqual(fromScratch(history, version))
    }
  },
)

test('a history that goes on otherwise after the same beginning is another one', () => {
  const [events] = ways.toSorted((a, b) => b.length - a.length)
  const half = Math.floor((events?.length ?? 0) / 2)
  const replaced = events?.[half]
  if (events === undefined || replaced === undefined) throw new Error('no way')
  const { v, service, rollout, version, at: moment, command } = replaced
  const one = chained<Event>(events, chainStart)
  const by = { id: 'U1', name: 'x', via: 'slack' } as const
  const paused: Event = { v, service, rollout, version, at: moment, command, type: 'paused', reason: 'x', by }
  const other = chained<Event>([...events.slice(0, half), paused], chainStart)
  expect(statesAfter(one, 0).length).toBe(one.length)
  expect(statesAfter(other, half - 1)).toEqual(fromScratch(other, half - 1))
  expect(statesAfter(other, half)).toEqual(fromScratch(other, half))
})

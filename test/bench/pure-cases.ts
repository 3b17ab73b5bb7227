import { hash } from 'node:crypto'
import { readMetrics } from '../../src/jobs/read-metrics.ts'
import { watch } from '../../src/jobs/watch.ts'
import type { Command } from '../../src/rollout/commands.ts'
import { decide } from '../../src/rollout/decide.ts'
import { evolve } from '../../src/rollout/evolve.ts'
import type { State } from '../../src/rollout/state.ts'
import { card } from '../../src/slack/blocks/card.ts'
import { holderOf } from '../rollout/drive.ts'
import type { LongRelease } from './long-release.ts'
import type { Case } from './measure.ts'

/** What needs no system outside. */
export async function pureCases({ world, state, history }: LongRelease): Promise<readonly Case[]> {
  const lines = history.map((event) => JSON.stringify(event))
  const pause: Command = { type: 'pause', reason: 'lunch', id: 'pause', at: world.time, by: holderOf('sre') }
  const facts = {
    readings: await world.beside.readings(1, state.phase),
    ...{ observed: 60_000, wanted: 600_000, known: {}, holds: {}, byHand: null, at: 0 },
  }
  const message = card('Claude Enhancer', state, facts)
  const { parts, spec, phase, weight } = state
  if (parts === undefined) throw new Error('nothing was prepared')
  // The fake one keeps every reading, so that each look would take longer than the one before.
  const looking = { ...world, clock: world.clock, beside: { ...world.beside, record: async () => 0 } }
  const reading = { spec, phase, canary: parts.canary, stable: parts.stable, weight, ran: 600_000 }
  return [
    {
      name: `fold ${history.length} events`,
      floorName: 'JSON.parse of their lines',
      work: () => history.reduce<State | null>(evolve, null),
      floor: () => lines.map((line) => JSON.parse(line)),
    },
    {
      name: 'decide on a command',
      floorName: 'a copy of the state',
      work: () => decide(state, pause, state.service),
      floor: () => ({ ...state }),
    },
    {
      name: 'build the card',
      floorName: 'its JSON and digest',
      work: () => card('Claude Enhancer', state, facts),
      floor: () => hash('sha256', JSON.stringify(message)),
    },
    {
      name: 'one look of the watch',
      floorName: 'its readings alone',
      work: () => watch(looking, state),
      floor: () => readMetrics(world, reading),
    },
  ]
}

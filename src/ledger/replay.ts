import { z } from 'zod'
import { SlipwayError } from '../errors.ts'
import type { Event } from '../rollout/events.ts'
import { evolve } from '../rollout/evolve.ts'
import type { State } from '../rollout/state.ts'
import { canonicalHash } from './canonical-hash.ts'
import { createRollouts } from './rollouts.ts'
import { readEvent } from './upcast.ts'

const numbered = z.object({ version: z.number() })

/** The events of a rollout's ledger, all of them: throws `ledger-gap`, `ledger-corrupt` or `ledger-newer-schema`. */
export function readWhole(lines: readonly string[], service: string, rollout: number): readonly Event[] {
  const name = `${service}/${rollout}`
  return lines.map((line, i) => {
    const seq = i + 1
    const { data: head } = numbered.safeParse(parsed(line))
    if (head !== undefined && head.version > seq) throw new SlipwayError('ledger-gap', { rollout: name, seq })
    const event = readEvent(line, name, seq)
    if (event.service !== service || event.rollout !== rollout)
      throw new SlipwayError('ledger-corrupt', { rollout: name, seq })
    return event
  })
}

/** The state that whole events lead to; throws `ledger-corrupt` where one does not fit. */
export function fold(events: readonly Event[], service: string, rollout: number): State {
  let state: State | null = null
  for (const event of events) state = fitting(`${service}/${rollout}`, event, () => evolve(state, event))
  if (state === null) throw new SlipwayError('ledger-gap', { rollout: `${service}/${rollout}`, seq: 1 })
  return state
}

function fitting<T>(rollout: string, event: Event, step: () => T): T {
  try {
    return step()
  } catch (cause) {
    throw new SlipwayError('ledger-corrupt', { rollout, seq: event.version }, { cause })
  }
}

export interface Replayed {
  readonly state: State
  /** Of the state, by `canonicalHash`. */
  readonly hash: string
}

/**
 * Folds a rollout's events anew with the present code, and as a process does that has been there from the beginning: one
 * event after the other into its cache. Throws `ledger-corrupt` where an event does not fit, `replay-differs` where the two
 * states, or a state and itself later, are not the same.
 */
export async function replay(events: readonly Event[], service: string, rollout: number): Promise<Replayed> {
  const state = fold(events, service, rollout)
  const hash = canonicalHash(state)
  let shown = 0
  const running = createRollouts(
    service,
    { ...noLedger, read: async (_rollout, from) => events.slice(from, shown) },
    async () => undefined,
  )
  const seen: { readonly state: State | null; readonly hash: string }[] = []
  for (const event of events) {
    shown = event.version
    const cached = await running.load(rollout)
    seen.push({ state: cached, hash: canonicalHash(cached) })
  }
  const changed = seen.findIndex((before) => canonicalHash(before.state) !== before.hash)
  if (changed >= 0 || seen.at(-1)?.hash !== hash)
    throw new SlipwayError('replay-differs', {
      rollout: `${service}/${rollout}`,
      seq: changed >= 0 ? changed + 1 : events.length,
    })
  return { state, hash }
}

const unused = () => Promise.reject(new Error('a replay only reads'))
const noLedger = { latest: unused, active: unused, open: unused, append: unused, close: unused }

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

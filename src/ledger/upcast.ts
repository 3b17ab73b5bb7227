import { z } from 'zod'
import { SlipwayError } from '../errors.ts'
import { type Event, parseEvent, schemaVersion } from '../rollout/events.ts'

const envelope = z.looseObject({ v: z.number(), type: z.string(), version: z.number() })

/**
 * What brings an event of each older schema to the next one. Only kinds of events were added, from 2 to 3 with rollouts that are only
 * observed and with what sign-offs can do: the number rises so that a process that does not know them leaves the rollout alone
 * instead of calling its ledger broken, or driving what it should only watch.
 */
const upcasts: Readonly<
  Record<number, (event: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>>
> = {
  1: (event) => ({ ...event, v: 2 }),
  2: (event) => ({ ...event, v: 3 }),
}

/** Reads one line of a ledger: brings older events to the present schema, refuses newer ones and what can't be read. */
export function readEvent(line: string, rollout: string, seq: number): Event {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (cause) {
    throw new SlipwayError('ledger-corrupt', { rollout, seq }, { cause })
  }
  const head = envelope.safeParse(value)
  if (!head.success || head.data.version !== seq)
    throw new SlipwayError('ledger-corrupt', { rollout, seq }, { cause: head.error })
  const { v, type } = head.data
  if (v > schemaVersion) throw new SlipwayError('ledger-newer-schema', { rollout, type, version: v })
  let present: Readonly<Record<string, unknown>> = head.data
  for (let from = v; from < schemaVersion; from++) present = upcasts[from]?.(present) ?? present
  try {
    return parseEvent(present)
  } catch (cause) {
    throw new SlipwayError('ledger-corrupt', { rollout, seq }, { cause })
  }
}

import { z } from 'zod'
import { SlipwayError } from '../errors.ts'
import { type Event, parseEvent, schemaVersion } from '../rollout/events.ts'

const envelope = z.looseObject({ v: z.number(), type: z.string(), version: z.number() })

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
  try {
    return parseEvent(value)
  } catch (cause) {
    throw new SlipwayError('ledger-corrupt', { rollout, seq }, { cause })
  }
}

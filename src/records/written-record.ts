import { hash } from 'node:crypto'
import type { Projector } from '../jobs/project.ts'
import { beforeStart, type RecordLines } from '../ledger/record-lines.ts'
import { isOver } from '../rollout/state.ts'
import type { Sink } from './sink.ts'

/** How many hex digits of a file's SHA-256 its name holds. */
const hashShown = 12

/**
 * Writes what is on record of a rollout to the sink once it is over, and again when something follows: its ledger, then the
 * entries of the service's record from a day before its start on, line by line as they stand in Redis. A file's name holds the
 * last event's version and the hash of what is in it: only the same file is written over, so that a copy outlives a Redis that came
 * back older. Repeatable. Without a sink nothing is to be done.
 */
export function createWrittenRecord(service: string, lines: RecordLines, sink: Sink | null): Projector {
  return {
    name: 'sink',
    shows: ({ state }) => sink !== null && isOver(state),
    settles: 0,
    together: (waiting) => waiting.length,
    async show(shown, ours) {
      const last = shown.at(-1)
      if (sink === null || last === undefined) return
      const { rollout, startedAt } = last.state
      const ledger = await lines.ledger(rollout)
      const content = `${[...ledger, ...(await lines.record(startedAt - beforeStart))].join('\n')}\n`
      const digest = hash('sha256', content).slice(0, hashShown)
      await ours()
      await sink.write(`${service}-${rollout}-${ledger.length}-${digest}.jsonl`, content)
    },
  }
}

import type { Projector } from '../jobs/project.ts'
import { beforeStart, type RecordLines } from '../ledger/record-lines.ts'
import { isOver } from '../rollout/state.ts'
import type { Sink } from './sink.ts'

/**
 * Writes what is on record of a rollout to the sink once it is over, and again when something follows: its ledger, then the
 * entries of the service's record from a day before its start on, line by line as they stand in Redis. Repeatable: the same
 * file is written over. Without a sink nothing is to be done.
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
      const all = [...(await lines.ledger(rollout)), ...(await lines.record(startedAt - beforeStart))]
      await ours()
      await sink.write(`${service}-${rollout}.jsonl`, `${all.join('\n')}\n`)
    },
  }
}

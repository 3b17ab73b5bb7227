import type { Cursor, Cursors } from '../../src/ledger/cursors.ts'

/** What projections remember, in memory; `newest`: the version of a rollout's last event. */
export function createMemoryCursors(newest: (rollout: number) => Promise<number>): Cursors {
  const cursors = new Map<string, Cursor>()
  const notes = new Map<string, string>()
  const none: Cursor = { done: 0, begun: 0, begunAt: 0 }
  const at = (rollout: number, name: string) => `${rollout}/${name}`
  const change = (key: string, to: Partial<Cursor>) => void cursors.set(key, { ...(cursors.get(key) ?? none), ...to })
  return {
    get: async (rollout, name) => cursors.get(at(rollout, name)) ?? none,
    done: async (rollout, names) => names.map((name) => (cursors.get(at(rollout, name)) ?? none).done),
    begin: async (rollout, name, begun, begunAt) => change(at(rollout, name), { begun, begunAt }),
    undo: async (rollout, name, _own, before) => change(at(rollout, name), before),
    async finish(rollout, name, { version: done }) {
      change(at(rollout, name), { done })
      return newest(rollout)
    },
    note: async (rollout, name) => notes.get(at(rollout, name)) ?? null,
    keep: async (rollout, name, value) => void notes.set(at(rollout, name), value),
  }
}

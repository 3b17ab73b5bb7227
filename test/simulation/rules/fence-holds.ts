import { isNewer } from '../../../src/cluster/fence.ts'
import { Broken } from './broken.ts'
import { risesFor } from './rises.ts'
import type { Rule } from './scene.ts'

const rule = 'fence-holds'

/** An order that was under way when the rollback was ordered may still arrive within this, in ms; the rollback follows it. */
const underWay = 15_000

/**
 * Rules 1 and 4: nothing rises past a newer or closed fence, nor once the rollout is being taken back. Marks never get older. An order that
 * Redis lost before anybody carried it out is in nobody's memory; once it has reached the cluster it counts for ever.
 */
export const fenceHolds: Rule = ({ outside: { witness, timeline } }) => {
  const carried = new Set<string>()
  /** When each was ordered, by hash and the true time. */
  const ordered = new Map<string, number>()
  const counts = (rollout: number) => {
    const kept = new Set((witness.ledgers.get(rollout) ?? []).map((e) => e.hash))
    return witness
      .everAppended(rollout)
      .find((e) => e.type === 'rollback-ordered' && (kept.has(e.hash) || carried.has(e.hash ?? '')))
  }
  return {
    routeWritten(manager, before, after) {
      if (after.mark?.hash !== undefined) carried.add(after.mark.hash)
      if (manager === 'slipway' && before.mark !== null && after.mark !== null && isNewer(before.mark, after.mark))
        throw new Broken(rule, `order ${after.mark.rollout}/${after.mark.version} wrote over a newer one`)
      const rise = risesFor(manager, before, after)
      if (rise === null) return
      const { rollout } = rise.mark
      if (before.mark?.closed && before.mark.rollout === rollout)
        throw new Broken(rule, `the weight rises to ${rise.to} % although the fence is closed`)
      const order = counts(rollout)
      const since = timeline.now - (ordered.get(order?.hash ?? '') ?? timeline.now)
      if (since > underWay)
        throw new Broken(rule, `the weight rises to ${rise.to} % ${since} ms after the rollback was ordered`)
    },
    appended(_rollout, events) {
      for (const { type, hash } of events)
        if (type === 'rollback-ordered' && hash !== undefined) ordered.set(hash, timeline.now)
    },
  }
}

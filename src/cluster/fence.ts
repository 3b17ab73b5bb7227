import { SlipwayError } from '../errors.ts'
import type { Fence, Order } from '../jobs/ports.ts'

/** Is `a` newer than `b`: a higher rollout, or the same rollout and a higher version? */
export function isNewer(a: Fence, b: Fence): boolean {
  return a.rollout > b.rollout || (a.rollout === b.rollout && a.version > b.version)
}

/** Is it the fence of the same order of the same record? */
export function isSame(a: Fence, b: Fence): boolean {
  return a.rollout === b.rollout && a.version === b.version && a.hash === b.hash
}

/** The fence as it stands in the annotation: `rollout/version`. */
export function fenceText(fence: Fence): string {
  return `${fence.rollout}/${fence.version}`
}

/** Throws `newer-fence` when the fence found on `what` is newer than the order's. */
export function refuseOlder(what: string, ours: Fence, found: Fence | null): void {
  if (found && isNewer(found, ours)) {
    throw new SlipwayError('newer-fence', { what, ours: fenceText(ours), found: fenceText(found) })
  }
}

/** Reads a fence annotation. Absent is null; one that can't be read throws `cluster-unreadable`, for it could be a newer one. */
export function parseFence(what: string, text: string | undefined): Fence | null {
  if (text === undefined) return null
  const match = /^(\d{1,15})\/(\d{1,15})$/.exec(text)
  if (!match) throw new SlipwayError('cluster-unreadable', { what: `The fence on ${what}` })
  return { rollout: Number(match[1]), version: Number(match[2]) }
}

/**
 * Throws `fence-unknown` when the mark found on `what` is of the same rollout, and of an order that ours does not continue: Redis came
 * back older, and the ledger has gone on from there past the version that it lost.
 */
export function refuseUnknown(what: string, ours: Order, found: Fence | null): void {
  if (found === null || found.rollout !== ours.rollout || found.hash === undefined) return
  if (!ours.known.includes(found.hash))
    throw new SlipwayError('fence-unknown', { what, ours: fenceText(ours), found: fenceText(found) })
}

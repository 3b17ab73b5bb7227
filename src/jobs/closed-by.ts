import { slipway } from '../rollout/decide-rollback.ts'
import type { Actor } from '../rollout/events.ts'

/** How a mark that is closed without the ledger says who did it and why. */
export function closedBy({ id }: Actor, reason: string): string {
  return `${id} (${reason})`
}

/** Why Slipway closed a mark by itself, by what that says; null where somebody else did. */
export function ownReason(by: string): string | null {
  const start = `${slipway.id} (`
  return by.startsWith(start) && by.endsWith(')') ? by.slice(start.length, -1) : null
}

import { SlipwayError } from '../errors.ts'

/** What people are told of an error; anything without a code is a fault of ours, told as such. */
export interface Told {
  readonly code: string
  readonly what: string
  readonly todo: string
}

/** What a pod that failed had written last, where that is what failed. */
export function logOf(error: unknown): readonly string[] {
  return error instanceof SlipwayError && 'log' in error.detail ? error.detail.log : []
}

export function tell(error: unknown): Told {
  if (error instanceof SlipwayError) return { code: error.code, what: error.message, todo: error.todo }
  return { code: 'internal', what: 'Slipway itself failed.', todo: 'The log holds the cause. Slipway goes on trying.' }
}

const passing = new Set([
  'cluster-unreachable',
  'read-back-differs',
  'order-too-old',
  'ledger-unavailable',
  'hand-over-in-doubt',
  'ledger-conflict',
  'lease-lost',
  'people-unknown',
  'internal',
])

/** Is it worth trying again without a person? */
export function isPassing(error: unknown): boolean {
  return passing.has(tell(error).code) || (error instanceof SlipwayError && isServerError(error))
}

/** Is something away that answers again by itself, however long that takes? */
export function isAway(error: unknown): boolean {
  return ['cluster-unreachable', 'ledger-unavailable', 'ledger-conflict'].includes(tell(error).code)
}

function isServerError(error: SlipwayError): boolean {
  const { detail } = error
  return error.code === 'cluster-refused' && 'status' in detail && detail.status >= 429
}

/** The pause that an outside system has asked for, in ms; 0 when none has. */
export function askedPause(error: unknown): number {
  if (!(error instanceof SlipwayError) || error.code === 'ledger-unavailable' || !('after' in error.detail)) return 0
  return typeof error.detail.after === 'number' ? error.detail.after : 0
}

/** Was the call refused before it had any effect? Then its outcome is known. */
export function isRefusal(error: unknown): boolean {
  return ['slack-refused', 'slack-throttled', 'paging-refused'].includes(tell(error).code)
}

/** Does Slack not answer, or ask for a pause? It passes by itself, however long it takes. */
export function isSlackAway(error: unknown): boolean {
  return ['slack-unreachable', 'slack-throttled'].includes(tell(error).code)
}

/** Is Redis away, so that nothing could be read or recorded? */
export function isLedgerAway(error: unknown): boolean {
  return error instanceof SlipwayError && error.code === 'ledger-unavailable'
}

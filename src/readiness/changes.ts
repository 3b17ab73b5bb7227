import { canonicalHash } from '../ledger/canonical-hash.ts'
import type { CheckChange } from '../rollout/events.ts'
import type { ReadinessReport } from './report.ts'

/**
 * The checks that come to something else than before, blocks first, then warnings. A check that an earlier report does not have is one where it
 * does not pass. The earlier report is null where there is none any more: then everything that does not pass is told.
 */
export function changesSince(
  before: Pick<ReadinessReport, 'findings'> | null,
  now: Pick<ReadinessReport, 'findings'>,
): readonly CheckChange[] {
  const changed = now.findings.flatMap(({ check, title, result, found, mend }): readonly CheckChange[] => {
    const was = before?.findings.find((f) => f.check === check)?.result ?? null
    if (result === (was ?? 'pass')) return []
    return [{ check, title, was, now: result, found, ...(mend !== undefined && { mend }) }]
  })
  return (['block', 'warn', 'pass'] as const).flatMap((result) => changed.filter((one) => one.now === result))
}

/** What a report comes to, as a hash: two of the same have changed in nothing that `changesSince` tells. */
export function outcomeHash({ findings }: Pick<ReadinessReport, 'findings'>): string {
  return canonicalHash(Object.fromEntries(findings.map(({ check, result }) => [check, result])))
}

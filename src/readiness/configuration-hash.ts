import type { Config } from '../config/config.ts'
import { canonicalHash } from '../ledger/canonical-hash.ts'

/**
 * The part of the configuration that a report is about, as a hash: what is released how, where, by whom, and what is checked. Addresses that the
 * environment may set for one process are not in it.
 */
export function configurationHash({ mode, cluster, release, roles, readiness: { checks } }: Config): string {
  return canonicalHash({ mode, cluster, release, roles, checks })
}

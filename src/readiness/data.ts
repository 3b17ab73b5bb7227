import type { Check } from './check.ts'
import { backupRecent } from './data/backup-recent.ts'
import { dataConsistent } from './data/data-consistent.ts'
import { restoreTested } from './data/restore-tested.ts'

/** Data and backup. */
export const data: readonly Check[] = [backupRecent, restoreTested, dataConsistent]

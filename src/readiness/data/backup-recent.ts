import { defineAgeCheck } from '../define-age-check.ts'

/** A backup to go back to, from shortly before the release. */
export const backupRecent = defineAgeCheck({
  category: 'data',
  name: 'backup-recent',
  title: 'There is a recent backup',
  what: 'backup',
  maxAge: '24h',
  mend: 'Take a backup now, and see that it succeeds.',
})

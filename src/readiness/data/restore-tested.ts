import { defineAgeCheck } from '../define-age-check.ts'

/** A backup that nobody has restored is a hope. */
export const restoreTested = defineAgeCheck({
  category: 'data',
  name: 'restore-tested',
  title: 'Restoring was tested lately',
  what: 'restore test',
  maxAge: '14d',
  mend: 'Restore the last backup somewhere else, and verify it.',
})

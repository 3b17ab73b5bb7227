import type { AuditRow } from './audit-rows.ts'

const columns = [
  'time',
  'kind',
  'place',
  'actor',
  'name',
  'verified',
  'role',
  'what',
  'why',
  'from',
  'signed_hash',
  'hash',
] as const

/** The rows as CSV (RFC 4180), safe to open in a spreadsheet: what somebody wrote is never a formula there. */
export function auditCsv(rows: readonly AuditRow[]): readonly string[] {
  const lines = rows.map((row) => {
    const { kind, place, actor, name, verified, role, what, why, from, signedHash, hash } = row
    const time = new Date(row.at).toISOString()
    return [time, kind, place, actor, name, verified ? 'yes' : 'no', role, what, why, from, signedHash, hash]
  })
  return [columns, ...lines].map((cells) => cells.map(cell).join(','))
}

/** Spreadsheets take what begins like this for a formula, also behind blanks; with an apostrophe before it, it is text. */
const formula = /^[\s\p{Cc}\p{Cf}]*[=+\-@|%\uFF1D\uFF0B\uFF0D\uFF20]/u

function cell(text: string): string {
  const oneLine = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')
  const harmless = formula.test(oneLine) ? `'${oneLine}` : oneLine
  return `"${harmless.replaceAll('"', '""')}"`
}

import type { AuditRow } from './audit-rows.ts'
import { plain, timeText } from './history-text.ts'

/** One row for people: when, kind, place, who in which role, what, why, and where from. */
export function auditText(row: AuditRow): string {
  const { kind, place, actor, name, verified, role, what, why, from, signedHash } = row
  const who = `${plain(name)}${actor === name ? '' : ` (${plain(actor)})`}${verified ? '' : ', unverified'}`
  const parts = [
    ...(role === '' ? [] : [`as ${plain(role)}`]),
    ...(why === '' ? [] : [plain(why)]),
    ...(from === '' ? [] : [`from ${plain(from)}`]),
    ...(signedHash === '' ? [] : [`plan sha256:${signedHash.slice(0, 12)}…`]),
  ]
  return `${timeText(row.at)}  ${kind.padEnd(9)} ${place.padEnd(10)} ${who.padEnd(28)} ${[plain(what), ...parts].join(' · ')}`
}

import { createHash } from 'node:crypto'
import { canonicalJson } from '../rollout/canonical.ts'

/** SHA-256 of a value's canonical text, in hex. */
export function canonicalHash(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex')
}

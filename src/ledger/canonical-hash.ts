import { hash } from 'node:crypto'
import { canonicalJson } from '../rollout/canonical.ts'

/** SHA-256 of a value's canonical text, in hex. */
export function canonicalHash(value: unknown): string {
  return hash('sha256', canonicalJson(value))
}

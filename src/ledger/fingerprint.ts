import { createHash } from 'node:crypto'

/** What a script of Redis can compare a line with (`redis.sha1hex`): it tells whether a line is the one that was read. */
export function fingerprint(line: string): string {
  return createHash('sha1').update(line).digest('hex')
}

import { hostname, userInfo } from 'node:os'

/** Who sits at a terminal, as far as the terminal says: `user@host`. Nobody has proven it. */
export function atTerminal(): string {
  return `${userName()}@${hostname()}`
}

/** A container may run as a user whom its system does not know by name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid-${process.getuid?.()}`
  }
}

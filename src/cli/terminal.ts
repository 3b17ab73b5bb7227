import { hostname, userInfo } from 'node:os'

/** Who sits at a terminal, as far as the terminal says: `user@host`. Nobody has proven it. */
export function atTerminal(): string {
  return `${userInfo().username}@${hostname()}`
}

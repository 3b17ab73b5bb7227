import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Told of every process of a world, so that none outlives it, whatever ends the world's own process. */
export interface Keeper {
  started(pid: number): void
  ended(pid: number): void
  /** Ends what has not ended by itself, and removes the directory. */
  finish(): Promise<void>
}

/** Starts the keeper of a directory and of the processes it is told of. */
export function startKeeper(directory: string): Keeper {
  const script = new URL('keeper.sh', import.meta.url).pathname
  const shell = spawn('sh', [script, directory], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  const gone = once(shell, 'exit')
  // A keeper that is gone can't be told anything; the world still cleans up by itself.
  shell.stdin.on('error', () => {})
  shell.unref()
  return {
    started: (pid) => void shell.stdin.write(`started ${pid}\n`),
    ended: (pid) => void shell.stdin.write(`ended ${pid}\n`),
    async finish() {
      shell.ref()
      shell.stdin.end()
      await gone
    },
  }
}

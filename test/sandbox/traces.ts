import { existsSync } from 'node:fs'
import type { World } from '../../src/sandbox/world.ts'

/** Does the process still exist? */
export function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** What is left of a world: processes by name, and its directory. Empty when nothing is. */
export function traces({ pids, dir }: Pick<World, 'pids' | 'dir'>): readonly string[] {
  const processes = Object.entries(pids)
    .filter(([, pid]) => pid !== process.pid && runs(pid))
    .map(([name]) => name)
  return existsSync(dir) ? [...processes, dir] : processes
}

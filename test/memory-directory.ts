import { readFileSync, statfsSync } from 'node:fs'

/** Files in memory, on Linux. */
const memory = '/dev/shm'
/** Several times what all worlds that run side by side need, in bytes. */
const room = 2 ** 30

/**
 * Where tests keep what they write: in memory where there is room, since Redis answers once a write is on disk, and a disk that others
 * use as well may take longer over it than Redis has. Nothing where the machine has no such place, or somebody has chosen one.
 */
export function memoryDirectory(): { readonly TMPDIR?: string } {
  if (process.env.TMPDIR !== undefined) return {}
  try {
    const mount = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
      .find(([, place]) => place === memory)
    // Some tests write programs, and run them.
    const options = mount?.[3]?.split(',') ?? ['noexec']
    const { bavail, bsize } = statfsSync(memory)
    return options.includes('noexec') || bavail * bsize < room ? {} : { TMPDIR: memory }
  } catch {
    return {}
  }
}

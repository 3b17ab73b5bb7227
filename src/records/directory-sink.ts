import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SlipwayError } from '../errors.ts'
import type { Sink } from './sink.ts'

/**
 * Files in a directory that is there already. Whoever reads one finds all of it: it takes its name when it is on disk. A try that
 * fails leaves nothing.
 */
export function createDirectorySink(directory: string, newId: () => string): Sink {
  return {
    async write(name, content) {
      const unfinished = join(directory, `.${name}.${newId()}`)
      try {
        const file = await open(unfinished, 'wx', 0o640)
        try {
          await file.writeFile(content)
          await file.sync()
        } finally {
          await file.close()
        }
        await rename(unfinished, join(directory, name))
        await syncDirectory(directory)
      } catch (cause) {
        // What it failed for is told, not that this failed, too.
        await rm(unfinished, { force: true }).catch(() => undefined)
        const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
        throw new SlipwayError('sink-refused', { where: directory, why }, { cause })
      }
    },
  }
}

/** What file systems answer that do not let a directory be synced (some of a network), and where it may be written and not be read. */
const unsyncable = ['EINVAL', 'ENOTSUP', 'EISDIR', 'EPERM', 'EACCES']

/** A name is on disk only with its directory, where that can be seen to at all. */
async function syncDirectory(directory: string): Promise<void> {
  try {
    const opened = await open(directory, 'r')
    try {
      await opened.sync()
    } finally {
      await opened.close()
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && unsyncable.includes(String(error.code)))) throw error
  }
}

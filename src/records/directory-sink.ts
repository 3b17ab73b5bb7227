import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { SlipwayError } from '../errors.ts'
import type { Sink } from './sink.ts'

/** Files in a directory that is there already. Whoever reads one finds all of it: it takes its name when it is on disk. */
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
      } catch (cause) {
        const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
        throw new SlipwayError('sink-refused', { where: directory, why }, { cause })
      }
    },
  }
}

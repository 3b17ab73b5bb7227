import type { z } from 'zod'
import { type Path, valueAt } from './mistake.ts'

/** Reads parts of a file of which other parts may be broken. */
export interface Sound {
  /** The parsed value at a path; undefined when it is absent or broken, which the schema reports. */
  readonly get: <T>(schema: z.ZodType<T>, ...path: Path) => T | undefined
  /** How many items the list at a path has. */
  readonly length: (...path: Path) => number
  /** The keys of the map at a path. */
  readonly keys: (...path: Path) => readonly string[]
}

/** Reads the sound parts of a file's content. */
export function soundParts(root: unknown): Sound {
  return {
    get: (schema, ...path) => schema.safeParse(valueAt(root, path)).data,
    length: (...path) => {
      const list = valueAt(root, path)
      return Array.isArray(list) ? list.length : 0
    },
    keys: (...path) => {
      const map = valueAt(root, path)
      return typeof map === 'object' && map !== null && !Array.isArray(map) ? Object.keys(map) : []
    },
  }
}

/** Where in the file's tree something is. */
export type Path = readonly (string | number)[]

/** One mistake in the file. */
export interface Mistake {
  readonly path: Path
  /** Is the key itself wrong, or the value under it? */
  readonly at: 'key' | 'value'
  /** What is wrong and what was expected, without the place. */
  readonly text: string
}

/** A path as people write it: `release.phases[0].soak`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return text === '' ? part : `${text}.${part}`
  }, '')
}

/** A map of the file. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value at a path; undefined when there is none. */
export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => {
    if (Array.isArray(value)) return typeof part === 'number' ? value[part] : undefined
    return isMap(value) && Object.hasOwn(value, part) ? value[part] : undefined
  }, root)
}

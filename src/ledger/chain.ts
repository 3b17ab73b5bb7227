import { z } from 'zod'
import { canonicalHash } from './canonical-hash.ts'

/** What stands before the first entry of a chain, in place of a hash. */
export const chainStart = '0'.repeat(64)

/** The two fields by which an entry hangs on the one before. */
export interface Link {
  /** Hash of the entry before; `chainStart` for the first. */
  readonly prev: string
  /** SHA-256 of this entry's canonical JSON without this field, in hex. */
  readonly hash: string
}

const link: z.ZodType<Link> = z.looseObject({ prev: z.string(), hash: z.string() })

/** The entries, each hung on the one before, the first on `prev`. */
export function chained<T extends object>(entries: readonly T[], prev: string): readonly (T & Link)[] {
  const [first, ...rest] = entries
  if (first === undefined) return []
  const hung = { ...first, prev }
  const hash = canonicalHash(withoutHash(hung))
  return [{ ...hung, hash }, ...chained(rest, hash)]
}

/** What the next entry hangs on after this line, as it is written; undefined: there is none before. */
export function headAfter(line: string | undefined): string {
  if (line === undefined) return chainStart
  const value = parsed(line)
  return link.safeParse(value).data?.hash ?? canonicalHash(value)
}

/** A list of lines compared with its own hashes. Places count from 1. */
export interface ChainCheck {
  /** The first place that is chained; null when none is. Before there were chains, lines were written without. */
  readonly from: number | null
  /** What does not fit, by place. */
  readonly broken: readonly { readonly place: number; readonly why: string }[]
  /** The hash of each line as it stands now; null where it is not chained. */
  readonly hashes: readonly (string | null)[]
}

/** Compares lines with the hashes that they carry. `before`: what the first one must hang on; null takes any. */
export function checkChain(lines: readonly string[], before: string | null = chainStart): ChainCheck {
  const values = lines.map(parsed)
  const links = values.map((value) => link.safeParse(value).data ?? null)
  const first = links.findIndex((one) => one !== null)
  const hashes = values.map((value, i) => (links[i] === null ? null : canonicalHash(withoutHash(value))))
  const broken = links.flatMap((one, i) => {
    if (one === null) return first >= 0 && i > first ? [{ place: i + 1, why: 'carries no hash' }] : []
    const why: string[] = []
    if (one.hash !== hashes[i]) why.push('is not what its own hash was made of')
    const hangsOn = i === 0 ? before : (links[i - 1]?.hash ?? canonicalHash(values[i - 1]))
    if (hangsOn !== null && one.prev !== hangsOn) why.push('does not hang on the entry before')
    return why.map((text) => ({ place: i + 1, why: text }))
  })
  return { from: first < 0 ? null : first + 1, broken, hashes }
}

/** What an entry's hash is made of. */
function withoutHash(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { hash: _, ...rest }: { readonly hash?: unknown } = value
  return rest
}

/** A line that is no JSON counts as the text that it is. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return line
  }
}

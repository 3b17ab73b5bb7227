/** A place in a query where samples are read: `http_requests_total{code="500"}[1m] offset 1h`. */
export interface Selector {
  /** The metric's name, empty when only the matchers name it. */
  readonly name: string
  /** Each as written, without spaces: `code="500"`. */
  readonly matchers: readonly string[]
  /** `offset …` and `@ …` as written, or empty. */
  readonly modifiers: string
}

export interface QueryReads {
  readonly selectors: readonly Selector[]
  /** The sum of all durations in brackets, in ms: the query never reads further back than this and the lookback. */
  readonly ranges: number
}

const token =
  /\s+|#[^\n]*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|\[[^\]]*\]|[a-z_:][\w:]*|\d[\w.]*|=~|!~|!=|[<>=]=|./giy
const identifier = /^[a-z_:][\w:]*$/i
const lists = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right'])
const words = new Set(['and', 'or', 'unless', 'atan2', 'bool', 'inf', 'nan', 'group_left', 'group_right'])
const millisecondsOf = new Map(
  Object.entries({ ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000, y: 31_536_000_000 }),
)

/** The durations of `[5m]` or `[1h30m:10s]` together, in ms; undefined when they are written some other way. */
function bracketsOf(text: string): number | undefined {
  const inside = text.slice(1, -1).replaceAll(/\s/g, '')
  if (!/^((\d+(ms|[smhdwy]))+|\d+(\.\d+)?)(:((\d+(ms|[smhdwy]))+|\d+(\.\d+)?)?)?$/.test(inside)) return undefined
  let sum = 0
  for (const [, digits = '', unit = 's'] of inside.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdwy])?/g)) {
    sum += Number(digits) * (millisecondsOf.get(unit) ?? 0)
  }
  return sum
}

/** Reads tokens from left to right. */
class Reader {
  readonly #tokens: readonly string[]
  #at = 0

  constructor(query: string) {
    this.#tokens = (query.match(token) ?? []).filter((text) => !/^(\s|#)/.test(text))
  }

  peek(ahead = 0): string {
    return this.#tokens[this.#at + ahead] ?? ''
  }

  next(): string {
    this.#at += 1
    return this.peek(-1)
  }

  /** Everything up to the closing token, which is taken too; undefined when there is none. */
  until(close: string): string[] | undefined {
    const end = this.#tokens.indexOf(close, this.#at)
    if (end < 0) return undefined
    const inside = this.#tokens.slice(this.#at, end)
    this.#at = end + 1
    return inside
  }
}

function matchersOf(reader: Reader): string[] | undefined {
  if (reader.peek() !== '{') return []
  reader.next()
  const inside = reader.until('}')
  if (inside === undefined) return undefined
  const matchers = ['']
  for (const part of inside) {
    if (part === ',') matchers.push('')
    else matchers.push(`${matchers.pop()}${part}`)
  }
  return matchers.filter((matcher) => matcher !== '')
}

function modifiersOf(reader: Reader): string {
  let text = ''
  while (/^(offset|@)$/i.test(reader.peek())) {
    text += ` ${reader.next()} `
    if (/^[-+]$/.test(reader.peek())) text += reader.next()
    text += reader.next()
    if (reader.peek() === '(') text += `${reader.until(')')?.join('')})`
  }
  return text
}

/** Is this word a function, an aggregation, an operator, or a keyword with its list of labels? Then takes what belongs to it. */
function takeNonMetric(reader: Reader): boolean {
  const [word, following] = [reader.peek().toLowerCase(), reader.peek(1).toLowerCase()]
  if (lists.has(word) && following === '(') {
    // A list that is never closed ends no word: the reader must go on all the same, or it would read here for ever.
    if (reader.until(')') === undefined) reader.next()
    return true
  }
  if (following !== '(' && !words.has(word) && following !== 'by' && following !== 'without') return false
  reader.next()
  return true
}

/** Finds where a valid PromQL query reads samples. Undefined when it uses a notation that this does not know. */
export function readsOf(query: string): QueryReads | undefined {
  const reader = new Reader(query)
  const selectors: Selector[] = []
  let ranges = 0
  const takeBrackets = () => {
    const duration = bracketsOf(reader.next())
    ranges += duration ?? Number.NaN
  }
  while (reader.peek() !== '') {
    if (reader.peek().startsWith('[')) {
      takeBrackets()
      modifiersOf(reader) // of a subquery: its selectors are judged by now all the same
    } else if (identifier.test(reader.peek()) && takeNonMetric(reader)) continue
    else if (identifier.test(reader.peek()) || reader.peek() === '{') {
      const name = reader.peek() === '{' ? '' : reader.next()
      const matchers = matchersOf(reader)
      if (matchers === undefined) return undefined
      if (reader.peek().startsWith('[')) takeBrackets()
      selectors.push({ name, matchers, modifiers: modifiersOf(reader) })
    } else reader.next()
  }
  return Number.isNaN(ranges) ? undefined : { selectors, ranges }
}

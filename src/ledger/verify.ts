import { z } from 'zod'
import { type ChainCheck, chainStart, checkChain } from './chain.ts'
import type { ToldHead } from './head-text.ts'
import { parseEntry, type RecordEntry } from './record-entry.ts'

/** All that is on record of a service, as it is written. */
export interface OnRecord {
  readonly service: string
  /** The lines of each rollout's ledger. */
  readonly ledgers: ReadonlyMap<number, readonly string[]>
  /** The lines of the service's record. */
  readonly record: readonly string[]
  /** How many entries were removed from the record's beginning. */
  readonly removed: number
  /** The highest place that an id of the record is noted with. */
  readonly lastSeq: number
  /** Number of the newest rollout. */
  readonly latest: number
  /** How far each ledger once reached, by what was shown of it. */
  readonly shown: ReadonlyMap<number, number>
}

/** What comparing the record with itself and with told heads has found. */
export interface Verdict {
  /** What is not as it was written, a sentence each. */
  readonly findings: readonly string[]
  /** What could not be proven, and why. */
  readonly notes: readonly string[]
  /** How many of the told heads are the ones on record. */
  readonly compared: number
  /** The rollouts whose ledger one of these is of. */
  readonly proven: readonly number[]
}

const versioned = z.object({ version: z.number(), rollout: z.number() })

/** Compares what is on record with its own hashes, its lists with one another, and with heads that were told outside. */
export function verify(on: OnRecord, told: readonly ToldHead[]): Verdict {
  const findings: string[] = []
  const notes: string[] = []
  const entries = on.record.map(readEntry)
  const record = checkRecord(on, entries, findings)
  const ledgers = new Map<number, ChainCheck>()
  for (const [rollout, lines] of on.ledgers) ledgers.set(rollout, checkLedger(on, rollout, lines, findings, notes))

  const removals = new Map(
    entries.flatMap((e) => (e?.type === 'rollout-removed' ? [[e.ended.rollout, e.ended] as const] : [])),
  )
  // Entries of removals grow old and go as well: the entry that they went with tells how far they reached.
  const removedTo = entries.reduce((to, e) => Math.max(to, e?.type === 'entries-removed' ? (e.rolloutsTo ?? 0) : 0), 0)
  const isRemoved = (rollout: number) => removals.has(rollout) || rollout <= removedTo
  for (let rollout = 1; rollout <= on.latest; rollout++)
    if (!ledgers.has(rollout) && !isRemoved(rollout)) findings.push(`Rollout ${rollout} is missing.`)

  /** Null: as it was told. */
  function against({ chain, place, hash }: ToldHead): 'removed' | string | null {
    const all = [record, ...ledgers.values()]
    if (chain === null || place === null)
      return all.some((check) => check.hashes.includes(hash)) ? null : `${hash} is the hash of nothing on record.`
    const name = `${chain === 'record' ? 'Entry' : 'Event'} ${on.service}/${chain}/${place}`
    const found = chain === 'record' ? record.hashes[place - 1 - on.removed] : ledgers.get(chain)?.hashes[place - 1]
    if (found === hash) return null
    const gone = chain === 'record' ? place <= on.removed : !ledgers.has(chain) && isRemoved(chain)
    if (gone) return removals.get(Number(chain))?.hash === hash ? null : 'removed'
    return found === undefined ? `${name} is missing.` : `${name} is not the one that there was.`
  }

  for (const entry of entries) {
    if (entry?.type !== 'asked' || entry.led === undefined) continue
    const { rollout: chain, version: place, hash } = entry.led
    const why = against({ chain, place, hash })
    if (why !== null && why !== 'removed') findings.push(`${why} Entry ${entry.seq} of the record tells of it.`)
  }
  const outcomes = told.map(against)
  const removed = outcomes.filter((why) => why === 'removed').length
  if (removed > 0) notes.push(`${removed} told heads are of what was removed for its age.`)
  for (const why of new Set(outcomes)) if (why !== null && why !== 'removed') findings.push(`${why} Its head was told.`)
  const fitting = told.filter((_, i) => outcomes[i] === null)
  const proven = [...ledgers].flatMap(([rollout, { hashes }]) =>
    fitting.some(({ chain, hash }) => chain === rollout || (chain === null && hashes.includes(hash))) ? [rollout] : [],
  )
  return { findings, notes, compared: fitting.length, proven }
}

function checkRecord(on: OnRecord, entries: readonly (RecordEntry | null)[], findings: string[]): ChainCheck {
  const { record, removed, lastSeq } = on
  const removal = entries.find((entry) => entry?.type === 'entries-removed' && entry.ended.seq === removed)
  const before = removed === 0 ? chainStart : removal?.type === 'entries-removed' ? removal.ended.hash : null
  if (before === null) findings.push(`The first ${removed} entries of the record are missing, and no entry says why.`)
  const check = checkChain(record, before)
  for (const { place, why } of check.broken) findings.push(`Entry ${place + removed} of the record ${why}.`)
  entries.forEach((entry, i) => {
    const seq = removed + i + 1
    if (entry === null) findings.push(`Entry ${seq} of the record can't be read.`)
    else if (entry.seq !== seq) findings.push(`Entry ${entry.seq} of the record stands at place ${seq}.`)
  })
  const end = removed + record.length
  if (lastSeq > end) findings.push(`The record ends with entry ${end}, but there was an entry ${lastSeq}.`)
  return check
}

function checkLedger(
  { service, shown }: OnRecord,
  rollout: number,
  lines: readonly string[],
  findings: string[],
  notes: string[],
): ChainCheck {
  const check = checkChain(lines)
  for (const { place, why } of check.broken) findings.push(`Event ${service}/${rollout}/${place} ${why}.`)
  lines.forEach((line, i) => {
    const { data } = versioned.safeParse(read(line))
    if (data?.version !== i + 1 || data.rollout !== rollout)
      findings.push(`What stands at ${service}/${rollout}/${i + 1} is not its event.`)
  })
  const once = shown.get(rollout) ?? 0
  if (once > lines.length)
    findings.push(`Rollout ${rollout} ends with event ${lines.length}, but there was an event ${once}.`)
  if (check.from === null) notes.push(`Rollout ${rollout} is not chained: an older Slipway wrote it.`)
  else if (check.from > 1) notes.push(`Rollout ${rollout} is chained from event ${check.from} on.`)
  return check
}

function readEntry(line: string): RecordEntry | null {
  try {
    return parseEntry(JSON.parse(line))
  } catch {
    return null
  }
}

/** What a line holds; null when it is not JSON. */
export function read(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

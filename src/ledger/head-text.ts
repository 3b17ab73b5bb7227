import type { Event } from '../rollout/events.ts'
import type { Head } from './record.ts'

/** The head of a chain as it was told or noted: of a rollout's ledger, or of the service's record. */
export interface ToldHead {
  /** Null, like the place, where only a hash was noted. */
  readonly chain: number | 'record' | null
  readonly place: number | null
  readonly hash: string
}

/** The head of a rollout's ledger in words: `claude-enhancer/12/34 sha256:…`. */
export function ledgerHeadText({ service, rollout, version }: Event, hash: string): string {
  return `${service}/${rollout}/${version} sha256:${hash}`
}

/** The head of the service's record in words: `claude-enhancer/record/56 sha256:…`. */
export function recordHeadText(service: string, { seq, hash }: Head): string {
  return `${service}/record/${seq} sha256:${hash}`
}

const inWords = /([a-z0-9-]+)\/(\d+|record)\/(\d+) sha256:([0-9a-f]{64})/g
const bare = /^\s*(?:sha256:)?([0-9a-f]{64})\s*$/gm

/** Every head of a service in a text, whatever stands around it; and lines that are a hash and nothing else. */
export function readHeads(text: string, service: string): readonly ToldHead[] {
  const named = [...text.matchAll(inWords)].flatMap(([, of, chain = '', place, hash = '']) =>
    of === service ? [{ chain: chain === 'record' ? chain : Number(chain), place: Number(place), hash } as const] : [],
  )
  const unnamed = [...text.matchAll(bare)].map(([, hash = '']) => ({ chain: null, place: null, hash }))
  return [...named, ...unnamed]
}

/** The line with which a thread tells heads, each as `ledgerHeadText` or `recordHeadText` has it. */
export function headsLine(heads: readonly string[]): string {
  return `Record: ${heads.map((text) => `\`${text}\``).join(' · ')}`
}

const wholeLine = /^Record: `[^`\n]+`(?: · `[^`\n]+`)*$/

/** The heads of a service in a text that is such a line and nothing else; none in any other text, whatever it quotes. */
export function headsOfLine(text: string, service: string): readonly ToldHead[] {
  return wholeLine.test(text) ? readHeads(text, service) : []
}

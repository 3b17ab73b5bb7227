import { upperTail } from './normal-distribution.ts'

/** What a rank test says of two samples. */
export interface RankTest {
  /** One-sided: how likely it is that the first sample looks at least this much larger although it is not. */
  readonly p: number
  /** Effect size: the share of pairs in which the first sample's value is the larger one, ties half. 0.5 is no difference. */
  readonly superiority: number
}

/** Up to so many values a sample, and without ties, the exact distribution is counted; above it the normal one is close. */
const exactUpTo = 20

/**
 * Mann–Whitney U: does `first` tend to be larger than `second`? Assumes independent values and no distribution (H. B. Mann,
 * D. R. Whitney 1947). Ties and larger samples take the normal approximation with corrections for both ties and continuity.
 * An empty sample shows nothing: `p` is 1.
 */
export function rankTest(first: readonly number[], second: readonly number[]): RankTest {
  const pairs = first.length * second.length
  if (pairs === 0) return { p: 1, superiority: 0.5 }
  const { ranks, ties } = ranked([...first, ...second])
  const rankSum = ranks.slice(0, first.length).reduce((sum, rank) => sum + rank, 0)
  const u = rankSum - (first.length * (first.length + 1)) / 2
  const small = first.length <= exactUpTo && second.length <= exactUpTo
  const p = small && ties === 0 ? exactTail(u, first.length, second.length) : normalTail(u, first, second, ties)
  return { p, superiority: u / pairs }
}

/** Middle ranks from 1, and the sum of t³ − t over groups of t equal values. */
function ranked(values: readonly number[]): { readonly ranks: readonly number[]; readonly ties: number } {
  const order = values.map((value, index) => ({ value, index })).sort((a, b) => a.value - b.value)
  const ranks = new Array<number>(values.length)
  let ties = 0
  for (let start = 0; start < order.length; ) {
    let end = start + 1
    while (end < order.length && order[end]?.value === order[start]?.value) end += 1
    for (const { index } of order.slice(start, end)) ranks[index] = (start + 1 + end) / 2
    const size = end - start
    ties += size ** 3 - size
    start = end
  }
  return { ranks, ties }
}

/** Counting takes a while, and sizes come again at every look; there are no more than 400 of them. */
const counted = new Map<string, readonly number[]>()

/** P(U ≥ u) when both samples are of one kind: every order of the values is as likely as any other. */
function exactTail(u: number, m: number, n: number): number {
  const key = `${m}/${n}`
  const counts = counted.get(key) ?? countsOf(m, n)
  counted.set(key, counts)
  const all = counts.reduce((sum, count) => sum + count, 0)
  return counts.slice(u).reduce((sum, count) => sum + count, 0) / all
}

/** In how many orders of `m` and `n` values U is 0, 1, 2, …: the coefficients of a Gaussian binomial. */
function countsOf(m: number, n: number): readonly number[] {
  // counts[j][u]: orders of the values so far of which j are the first sample's. A value of the first sample adds to U
  // the number of the second's before it.
  let counts: number[][] = [[1]]
  for (let taken = 1; taken <= m + n; taken += 1) {
    const next: number[][] = []
    for (let j = Math.max(0, taken - n); j <= Math.min(m, taken); j += 1) {
      const row: number[] = []
      const add = (from: readonly number[] | undefined, shift: number) => {
        for (const [u, count] of (from ?? []).entries()) row[u + shift] = (row[u + shift] ?? 0) + count
      }
      // The last value is the second sample's, or the first's with all taken ones of the second before it.
      if (taken - j > 0) add(counts[j], 0)
      if (j > 0) add(counts[j - 1], taken - j)
      next[j] = Array.from(row, (count) => count ?? 0)
    }
    counts = next
  }
  return counts[m] ?? []
}

function normalTail(u: number, first: readonly number[], second: readonly number[], ties: number): number {
  const [m, n] = [first.length, second.length]
  const total = m + n
  const variance = ((m * n) / 12) * (total + 1 - ties / (total * (total - 1)))
  // All values are equal: nothing is larger than anything.
  if (variance <= 0) return 1
  return upperTail((u - (m * n) / 2 - 0.5) / Math.sqrt(variance))
}

import type { Result } from './simulation.ts'

/** Adds up how runs went. */
export interface Tally {
  add(result: Result): void
  /** The figures for people, after so many seconds of real time. */
  text(seconds: number): string
}

export function createTally(): Tally {
  const met = new Map<string, number>()
  const ends = new Map<string, number>()
  const sum = { runs: 0, rollouts: 0, steps: 0, lasted: 0 }
  const count = (map: Map<string, number>, name: string, by = 1) => map.set(name, (map.get(name) ?? 0) + by)
  const lines = (map: Map<string, number>) =>
    [...map].sort((a, b) => b[1] - a[1]).map(([name, times]) => `  ${String(times).padStart(9)}  ${name}`)

  return {
    add(result) {
      sum.runs += 1
      sum.rollouts += result.ends.length
      sum.steps += result.steps
      sum.lasted += result.lasted
      for (const end of result.ends) count(ends, end)
      for (const [name, times] of result.met) count(met, name, times)
    },
    text(seconds) {
      const rate = (amount: number) => Math.round(amount / seconds).toLocaleString('en')
      return [
        `${sum.runs} seeds in ${seconds.toFixed(1)} s: ${sum.rollouts} rollouts (${rate(sum.rollouts)}/s), ${sum.steps} steps (${rate(sum.steps)}/s), ${Math.round(sum.lasted / 3_600_000)} hours of virtual time`,
        'How rollouts ended:',
        ...lines(ends),
        'Faults met:',
        ...lines(met),
      ].join('\n')
    },
  }
}

import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { startPool } from './pool.ts'
import type { Result } from './simulation.ts'

const seeds = process.env.SLIPWAY_TEST_LONG === '1' ? 10_000 : 300
/** A machine on which the runs take longer than this (ms) begins no more of them, but for the first so many; how many were made is told. */
const budget = 150_000
const least = 2_000

test('the same seed gives the same run', async () => {
  const pools = [startPool(1, undefined), startPool(1, undefined)] as const
  try {
    // One that meets most kinds of faults; each thread has run another seed before.
    await Promise.all([pools[0].run(1, false), pools[1].run(2, false)])
    const [first, second] = await Promise.all([pools[0].run(4, true), pools[1].run(4, true)])
    expect(first.trace.length).toBeGreaterThan(100)
    expect(second.trace).toEqual(first.trace)
    expect(second.steps).toBe(first.steps)
  } finally {
    await Promise.all(pools.map((pool) => pool.close()))
  }
}, 60_000)

test(`the rules hold in up to ${seeds} runs`, async () => {
  const pool = startPool(availableParallelism(), undefined)
  const begun = performance.now()
  let made = 0
  const broken: Result[] = []
  let next = 1
  let rollouts = 0
  try {
    await pool.each(
      () => (next <= seeds && (next <= least || performance.now() - begun < budget) ? next++ : null),
      (result) => {
        made += 1
        rollouts += result.ends.length
        if (result.broken !== null) broken.push(result)
      },
    )
  } finally {
    await pool.close()
  }
  expect(broken.map((r) => `script/simulate --seed ${r.seed}: ${r.broken?.rule}: ${r.broken?.how}`)).toEqual([])
  console.log(`Simulation: ${made} of ${seeds} seeds in ${Math.round((performance.now() - begun) / 1_000)} s`)
  expect(made).toBeGreaterThanOrEqual(Math.min(seeds, least))
  expect(rollouts).toBeGreaterThanOrEqual(made)
}, 600_000)

import { expect, test } from 'vitest'
import { emptyTally } from './inject.ts'
import { type Lane, startLane } from './lane.ts'
import { isBehindSentinels } from './plan.ts'
import { type Outcome, run } from './run.ts'
import { failureText, storyText, tallyText } from './tell.ts'

/**
 * Real processes, a real Redis (in some lanes two and their sentinels), Slack, Prometheus, PagerDuty and the API server
 * (a real one where SLIPWAY_TEST_KUBECONFIG names it), with a proxy before each. Every run takes a release to its end while
 * things go wrong at moments that its seed chooses, and then looks at everything that it left: see checks.ts.
 *
 * 20 runs, 200 with SLIPWAY_TEST_LONG=1, every third of them behind sentinels. SLIPWAY_CHAOS_SEED=7 repeats one, SLIPWAY_CHAOS_SEED=1-50
 * makes those, SLIPWAY_CHAOS_SEED=7x20 makes one that often, and each tells its story. The faults are the same then; what they meet is not
 * quite, as real processes take their time.
 */
const wanted = seedsWanted()
/** Every third is behind sentinels, as every third run is. With five, two cores wait for the one; with nine, all wait for the cores. */
const lanes = 6
/** Later than this (ms since 1970) no run is begun, but for the first so many; the tally says how many were made. script/test sets it. */
const until = Number(process.env.SLIPWAY_TEST_UNTIL ?? Number.POSITIVE_INFINITY) * 1_000
const least = 40

function seedsWanted(): readonly number[] {
  const [, from, to, times] = /^(\d+)(?:-(\d+)|x(\d+))?$/.exec(process.env.SLIPWAY_CHAOS_SEED ?? '') ?? []
  if (times !== undefined) return Array.from({ length: Number(times) }, () => Number(from))
  if (from !== undefined) return range(Number(from), Number(to ?? from))
  return range(1, process.env.SLIPWAY_TEST_LONG === '1' ? 200 : 20)
}

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

/** Takes the next seed; none, and no other, once the time is used up. */
function take(seeds: number[]): number | undefined {
  if (Date.now() > until && (seeds[0] ?? 0) > least) seeds.length = 0
  return seeds.shift()
}

/** Runs the seeds one after the other on a lane of their own kind, until none is left. */
async function follow(
  lane: Lane,
  next: () => number | undefined,
  tally: ReturnType<typeof emptyTally>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (let seed = next(); seed !== undefined; seed = next()) {
    const outcome = await run(lane, seed, outcomes.length + 1, tally)
    outcomes.push(outcome)
    if (outcome.problems.length > 0) console.log(failureText(outcome))
    else if (process.env.SLIPWAY_CHAOS_SEED !== undefined) console.log(storyText(outcome))
    // What a run that failed left behind would be told of the next one.
    if (outcome.problems.length > 0) break
    await lane.world.slack.clear()
  }
  return outcomes
}

test('whatever is killed, cut or slow: a release ends as it should, and everything is told once', async () => {
  const begun = Date.now()
  const tally = emptyTally()
  const behind = wanted.filter(isBehindSentinels)
  const plain = wanted.filter((seed) => !isBehindSentinels(seed))
  let hit = 0

  async function runLane(number: number): Promise<Outcome[]> {
    const sentinels = number % 3 === 0
    const seeds = sentinels ? behind : plain
    const outcomes: Outcome[] = []
    while (seeds.length > 0) {
      const lane = await startLane(number, sentinels)
      try {
        outcomes.push(...(await follow(lane, () => take(seeds), tally)))
      } finally {
        hit += lane.slots.a.links.hit() + lane.slots.b.links.hit()
        await lane.stop()
      }
    }
    return outcomes
  }

  const outcomes = (await Promise.all(Array.from({ length: lanes }, (_, i) => runLane(i + 1)))).flat()
  console.log(tallyText(outcomes, wanted.length, tally, hit, Date.now() - begun))
  // In words, as a summary shows the first line alone.
  const failed = outcomes.filter(({ problems }) => problems.length > 0)
  const told = failed.map(({ plan, problems }) => `seed ${plan.seed}: ${problems.join('; ').replaceAll('\n', ' ')}`)
  if (told.length > 0) expect.fail(told.join(' | '))
  const made = outcomes.map(({ plan }) => plan.seed).sort((a, b) => a - b)
  expect(made.slice(0, least)).toEqual(wanted.slice(0, least))
  const timesIn = (seeds: readonly number[], seed: number) => seeds.filter((one) => one === seed).length
  expect(made.filter((seed) => timesIn(made, seed) > timesIn(wanted, seed))).toEqual([])
}, 1_200_000)

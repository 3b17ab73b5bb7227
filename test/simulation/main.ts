import { availableParallelism } from 'node:os'
import { type Arguments, readArguments, usage } from './arguments.ts'
import { isPlantName, type Plant, plants } from './plants.ts'
import { startPool } from './pool.ts'
import { scenarioOf } from './scenario.ts'
import { createTally } from './tally.ts'

/** Lines of the trace that are shown before the rule that was broken. */
const shown = 80

async function run({ seeds, seed, limit, plant }: Arguments): Promise<number> {
  const began = performance.now()
  const tally = createTally()
  const pool = startPool(seed === undefined ? availableParallelism() : 1, plant)
  const planted: Plant | null = plant !== undefined && isPlantName(plant) ? plants[plant] : null
  let next = seed ?? 1
  const last = seed ?? seeds
  // What was planted is looked for, whatever else may be found on the way, and where it can be.
  const counts = (rule: string) => planted === null || planted.rule === rule
  const isLeftOut = (one: number) => seed === undefined && planted?.among?.(scenarioOf(one)) === false
  let first: number | null = null
  await pool.each(
    () => {
      while (next <= last && isLeftOut(next)) next++
      return next <= last && first === null && performance.now() - began < limit ? next++ : null
    },
    (result) => {
      tally.add(result)
      if (result.broken !== null && counts(result.broken.rule)) first = Math.min(first ?? result.seed, result.seed)
    },
  )
  const failing = first ?? seed
  const result = failing === undefined ? null : await pool.run(failing, true)
  await pool.close()
  if (result !== null) {
    for (const line of seed === undefined ? result.trace.slice(-shown) : result.trace) console.log(line)
  }
  console.log(tally.text((performance.now() - began) / 1_000))
  if (result === null || result.broken === null) return 0
  console.log(
    `\nRule broken: ${result.broken.rule}\n${result.broken.how}\nAgain: script/simulate --seed ${result.seed}${plant === undefined ? '' : ` --plant ${plant}`}`,
  )
  return 1
}

try {
  const args = readArguments(process.argv.slice(2))
  if (args === 'help') console.log(usage + Object.keys(plants).join(', '))
  else if (args.plant !== undefined && !isPlantName(args.plant)) throw new TypeError(`there is no plant ${args.plant}`)
  else process.exitCode = await run(args)
} catch (error) {
  if (!(error instanceof TypeError)) throw error
  console.error(`script/simulate: ${error.message}. See script/simulate --help`)
  process.exitCode = 2
}

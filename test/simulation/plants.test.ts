import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { isPlantName, type Plant, plants } from './plants.ts'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))

/** Runs the simulation with a fault planted. */
async function simulate(plant: string, which: '--seed' | '--seeds', number: number) {
  const args = [main, '--plant', plant, which, String(number)]
  return promisify(execFile)(process.execPath, args, { maxBuffer: 64_000_000 }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: unknown) => {
      if (!(error instanceof Error && 'code' in error && 'stdout' in error)) throw error
      return { code: error.code, stdout: String(error.stdout) }
    },
  )
}

const names = Object.keys(plants).filter(isPlantName)

test.each(names)(
  'finds %s',
  async (name) => {
    const plant: Plant = plants[name]
    const found = `Rule broken: ${plant.rule}\n`
    if (plant.guess !== undefined) {
      const { stdout } = await simulate(name, '--seed', plant.guess)
      if (stdout.includes(found)) return
    }
    const { code, stdout } = await simulate(name, '--seeds', plant.within)
    expect(code, stdout.slice(-2_000)).toBe(1)
    expect(stdout).toContain(found)
  },
  180_000,
)

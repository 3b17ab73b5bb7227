import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { isPlantName, plants } from './plants.ts'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))

/** Runs the simulation with a fault planted. */
async function simulate(plant: string, seeds: number) {
  const args = [main, '--plant', plant, '--seeds', String(seeds)]
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
    const { code, stdout } = await simulate(name, plants[name].within)
    expect(code, stdout.slice(-2_000)).toBe(1)
    expect(stdout).toContain(`Rule broken: ${plants[name].rule}\n`)
  },
  180_000,
)

import { join } from 'node:path'
import { type Child, startChild } from './child.ts'
import type { Keeper } from './keeper.ts'
import { answers } from './until.ts'

/** The exit code of a process that stops because of its configuration: starting it again would not help (EX_CONFIG). */
export const configurationExit = 78

/** The program to run: as it is written, or as it is built where SLIPWAY_TEST_MAIN names that. */
export const slipwayMain = process.env.SLIPWAY_TEST_MAIN ?? new URL('../main.ts', import.meta.url).pathname

/** Starts Slipway itself and waits until it is ready for commands. Its log, one JSON line an event, goes on in `dir`. */
export async function startSlipway(options: {
  readonly dir: string
  readonly config: string
  readonly env: Readonly<Record<string, string>>
  readonly url: string
  readonly keeper: Keeper
}): Promise<Child> {
  const log = join(options.dir, 'slipway.log')
  return startChild(
    {
      command: process.execPath,
      args: [slipwayMain, 'start', '--config', options.config],
      env: options.env,
      log,
      ready: () => answers(`${options.url}/readyz`),
      limit: 90_000,
    },
    options.keeper,
  )
}

import { join } from 'node:path'
import { type Child, startChild } from './child.ts'
import type { Keeper } from './keeper.ts'
import { answers } from './until.ts'

/** The exit code of a process that stops because of its configuration: starting it again would not help (EX_CONFIG). */
export const configurationExit = 78

/** Starts Slipway itself and waits until it is ready for commands. Its log, one JSON line an event, goes on in `dir`. */
export async function startSlipway(options: {
  readonly dir: string
  readonly config: string
  readonly env: Readonly<Record<string, string>>
  readonly url: string
  readonly keeper: Keeper
}): Promise<Child> {
  const main = new URL('../main.ts', import.meta.url).pathname
  const log = join(options.dir, 'slipway.log')
  return startChild(
    {
      command: process.execPath,
      args: [main, 'start', '--config', options.config],
      env: options.env,
      log,
      ready: () => answers(`${options.url}/readyz`),
      limit: 90_000,
    },
    options.keeper,
  )
}

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startWorld, type World, type WorldOptions } from '../../src/sandbox/world.ts'

/** Each stands once in the shipped configuration. */
const changes: readonly (readonly [string, string])[] = [
  ['signOffExpires: 30m', 'signOffExpires: 12h'],
  ['pageAfter: 15m', 'pageAfter: 6h'],
  ['maxHold: 1h', 'maxHold: 12h'],
]

/**
 * The configuration with time for people and machines that are slow: a world runs at many times the speed, and what is to expire, to page or
 * to roll back after a while would do so in the middle of a test on a busy machine. Calls may take longer, too.
 */
function unhurried(config: string): string {
  // A query may take as long as the time between two readings, a call to the API server (the shortest) 5 s, and no longer.
  const patient = config.replaceAll(/timeout: (\d)s/g, (_, s) => (s === '2' ? 'timeout: 5s' : 'timeout: 10s'))
  return changes.reduce((text, [from, to]) => {
    if (text.split(from).length !== 2) throw new Error(`not exactly once: ${from}`)
    return text.replace(from, to)
  }, patient)
}

/** A world for tests in which nothing is to expire, with a Slack that keeps up with its speed. `change` makes the rest of the configuration what the test wants. */
export async function startUnhurriedWorld(
  options: Omit<WorldOptions, 'config'>,
  change = (config: string) => config,
): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-unhurried-'))
  const config = join(dir, 'deployment-config.yaml')
  await writeFile(config, change(unhurried(await readFile('deployment-config.yaml', 'utf8'))))
  try {
    return await startWorld({ slackPace: 10, ...options, config })
  } finally {
    await rm(dir, { recursive: true })
  }
}

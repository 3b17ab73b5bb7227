#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { configCheck } from './cli/config-check.ts'
import { help } from './cli/help.ts'
import { rollBackByHand } from './cli/roll-back.ts'
import { loadEnvironment } from './config/environment.ts'
import { loadConfig } from './config/load.ts'
import { SlipwayError } from './errors.ts'
import { start } from './start.ts'

/** Exit code of a process that starting again would not help (EX_CONFIG of sysexits). */
const configurationExit = 78

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    config: { type: 'string' },
    force: { type: 'boolean', short: 'f', default: false },
    service: { type: 'string' },
    namespace: { type: 'string' },
    kubeconfig: { type: 'string' },
  },
})

/** Runs one command of the terminal; returns the exit code. */
async function run(): Promise<number> {
  const [command, ...rest] = positionals
  if (command === 'start') {
    const config = await loadConfig(values.config ?? process.env.SLIPWAY_CONFIG ?? 'deployment-config.yaml')
    const environment = loadEnvironment(process.env)
    const stop = new AbortController()
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
    await start(config, environment, stop.signal)
    return 0
  }
  if (command === 'config' && rest[0] === 'check' && rest[1] !== undefined) {
    const { lines, exit } = await configCheck(rest[1])
    console.log(lines.join('\n'))
    return exit
  }
  if (command === 'rollback') {
    const { force: forced, service, namespace, kubeconfig } = values
    const options = {
      forced,
      ...(service && { service }),
      ...(namespace && { namespace }),
      ...(kubeconfig && { kubeconfig }),
    }
    console.log(await rollBackByHand(options))
    return 0
  }
  process.stdout.write(help)
  return command === undefined || command === 'help' ? 0 : 2
}

try {
  process.exitCode = await run()
} catch (error) {
  if (!(error instanceof SlipwayError)) throw error
  console.error(`${error.message}\n${error.todo}`)
  process.exitCode = error.code.startsWith('config-') || error.code === 'environment-invalid' ? configurationExit : 1
}

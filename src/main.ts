#!/usr/bin/env node
import { randomUUID } from 'node:crypto'
import { askOf } from './cli/ask-of.ts'
import { askSlipway } from './cli/ask-slipway.ts'
import { audit } from './cli/audit.ts'
import { parseCommandLine } from './cli/command-line.ts'
import { configCheck } from './cli/config-check.ts'
import { help } from './cli/help.ts'
import { history } from './cli/history.ts'
import { readiness, readinessAsk } from './cli/readiness.ts'
import { rollBackByHand } from './cli/roll-back.ts'
import { watchReadiness } from './cli/watch-readiness.ts'
import { systemClock } from './clock.ts'
import { loadBotToken, loadEnvironment, loadRedisUrl } from './config/environment.ts'
import { loadConfig } from './config/load.ts'
import { SlipwayError } from './errors.ts'
import { parseRole } from './role.ts'
import { start } from './start.ts'

/** Exit code of a process that starting again would not help (EX_CONFIG of sysexits). */
const configurationExit = 78

/** Exit code of a command line that can't be understood. */
const usageExit = 2

/** Runs one command of the terminal; returns the exit code. */
async function run(): Promise<number> {
  const { values, positionals } = parseCommandLine(process.argv.slice(2))
  const [command, ...rest] = positionals
  const configFile = values.config ?? process.env.SLIPWAY_CONFIG ?? 'deployment-config.yaml'
  /** Asks a running Slipway, for so long at most (ms). */
  async function askRunning(ask: object, patience: number) {
    const service = values.service ?? (await loadConfig(configFile)).service
    const redisUrl = loadRedisUrl(process.env).reveal()
    return askSlipway({ ask, service, redisUrl, newId: randomUUID, clock: systemClock, patience })
  }
  if (command === 'start') {
    const role = parseRole(values.role)
    const config = await loadConfig(configFile)
    const environment = loadEnvironment(process.env)
    const stop = new AbortController()
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
    await start(config, environment, role, stop.signal)
    // A job that another process takes up would keep this one open.
    process.exit(0)
  }
  if (command === 'config' && rest[0] === 'check' && rest[1] !== undefined) {
    const { lines, exit } = await configCheck(rest[1])
    console.log(lines.join('\n'))
    return exit
  }
  if (command === 'history') {
    const [rollout] = rest
    const { replay, json, file, service } = values
    const { lines, exit } = await history({
      ...{ replay, json, config: configFile, redisUrl: () => loadRedisUrl(process.env).reveal() },
      ...(rollout && { rollout }),
      ...(file && { file }),
      ...(service && { service }),
    })
    if (lines.length > 0) console.log(lines.join('\n'))
    return exit
  }
  if (command === 'audit') {
    const { since, kind, verify, head, heads, json, csv, service } = values
    const { lines, exit } = await audit({
      ...{ verify, config: configFile, now: systemClock.now(), format: csv ? 'csv' : json ? 'json' : 'text' },
      ...{ redisUrl: () => loadRedisUrl(process.env).reveal(), slack: () => loadBotToken(process.env) },
      ...(since && { since }),
      ...(kind && { kind }),
      ...(head && { head }),
      ...(heads && { heads }),
      ...(service && { service }),
    })
    if (lines.length > 0) console.log(lines.join('\n'))
    return exit
  }
  if (command === 'readiness') {
    const { json, strict, watch, category } = values
    const wanted = readinessAsk(rest, category)
    if (watch) {
      const ask = () => askRunning(wanted, 60_000)
      const pause = (ms: number) => systemClock.wait(ms).then(() => true)
      await watchReadiness({ json, ask, print: (line) => console.log(line), pause })
      return 0
    }
    const { lines, failed, exit } = await readiness({ json, strict, ask: async () => askRunning(wanted, 60_000) })
    if (lines.length > 0) console.log(lines.join('\n'))
    if (failed.length > 0) console.error(failed.join('\n'))
    return exit
  }
  const wanted = askOf(command, rest, values)
  if (wanted !== null) {
    const { text, refused } = await askRunning(wanted, 15_000)
    console.log(text)
    return refused ? 1 : 0
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
  return command === undefined || command === 'help' ? 0 : usageExit
}

try {
  process.exitCode = await run()
} catch (error) {
  if (!(error instanceof SlipwayError)) throw error
  console.error(`${error.message}\n${error.todo}`)
  // Connections of a start that was refused must not keep it open.
  process.exit(exitOf(error))
}

function exitOf({ code }: SlipwayError): number {
  if (code === 'usage') return usageExit
  return code.startsWith('config-') || code === 'environment-invalid' ? configurationExit : 1
}

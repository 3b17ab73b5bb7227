import { randomUUID } from 'node:crypto'
import { systemClock } from '../clock.ts'
import { SlipwayError } from '../errors.ts'
import { parseRole } from '../role.ts'
import { askOf } from './ask-of.ts'
import { parseCommandLine } from './command-line.ts'

/** Exit code of a process that starting again would not help (EX_CONFIG of sysexits). */
const configurationExit = 78

/** Exit code of a command line that can't be understood. */
const usageExit = 2

/** Runs one command of the terminal, and sets the exit code of the process; what it can't do it says there. */
export async function run(args: readonly string[]): Promise<void> {
  try {
    process.exitCode = await exitCodeOf(args)
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error
    console.error(`${error.message}\n${error.todo}`)
    // Connections of a start that was refused must not keep it open.
    process.exit(exitOf(error))
  }
}

/** Each command loads what it needs itself: whoever rolls back by hand does not wait for Slack's library. */
async function exitCodeOf(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommandLine(args)
  const [command, ...rest] = positionals
  const configFile = values.config ?? process.env.SLIPWAY_CONFIG ?? 'deployment-config.yaml'
  /** Asks a running Slipway, for so long at most (ms). */
  async function askRunning(ask: object, patience: number) {
    const [{ loadConfig }, { loadRedisUrl }] = await settings()
    const { askSlipway } = await import('./ask-slipway.ts')
    const service = values.service ?? (await loadConfig(configFile)).service
    const redisUrl = loadRedisUrl(process.env).reveal()
    return askSlipway({ ask, service, redisUrl, newId: randomUUID, clock: systemClock, patience })
  }
  if (command === 'start') {
    const [{ loadConfig }, { loadEnvironment }] = await settings()
    const role = parseRole(values.role)
    const config = await loadConfig(configFile)
    const environment = loadEnvironment(process.env)
    const stop = new AbortController()
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
    const { start } = await import('../start.ts')
    await start(config, environment, role, stop.signal)
    // A job that another process takes up would keep this one open.
    process.exit(0)
  }
  if (command === 'config' && rest[0] === 'check' && rest[1] !== undefined) {
    const { configCheck } = await import('./config-check.ts')
    const { lines, exit } = await configCheck(rest[1])
    console.log(lines.join('\n'))
    return exit
  }
  if (command === 'history') {
    const [{ history }, [, { loadRedisUrl }]] = await Promise.all([import('./history.ts'), settings()])
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
    const [{ audit }, [, { loadBotToken, loadRedisUrl }]] = await Promise.all([import('./audit.ts'), settings()])
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
    const { readiness, readinessAsk } = await import('./readiness.ts')
    const { json, strict, watch, category } = values
    const wanted = readinessAsk(rest, category)
    if (watch) {
      const { watchReadiness } = await import('./watch-readiness.ts')
      const ask = (seen?: string) => askRunning({ ...wanted, ...(seen !== undefined && { seen }) }, 60_000)
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
    const { rollBackByHand } = await import('./roll-back.ts')
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
  const { help } = await import('./help.ts')
  process.stdout.write(help)
  return command === undefined || command === 'help' ? 0 : usageExit
}

/** What reads the configuration and the environment. */
const settings = () => Promise.all([import('../config/load.ts'), import('../config/environment.ts')])

function exitOf({ code }: SlipwayError): number {
  if (code === 'usage') return usageExit
  return code.startsWith('config-') || code === 'environment-invalid' ? configurationExit : 1
}

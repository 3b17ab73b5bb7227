import { randomUUID } from 'node:crypto'
import { systemClock } from '../clock.ts'
import { SlipwayError } from '../errors.ts'
import { parseRole } from '../role.ts'
import { askOf } from './ask-of.ts'
import { parseCommandLine } from './command-line.ts'

type Values = ReturnType<typeof parseCommandLine>['values']

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
  const [command, ...rest] = values.help ? ['help'] : positionals
  if (command === 'start') return runStart(values)
  if (command === 'config' && rest[0] === 'check' && rest[1] !== undefined) return runConfigCheck(rest[1])
  if (command === 'history') return runHistory(values, rest[0])
  if (command === 'audit') return runAudit(values)
  if (command === 'readiness') return runReadiness(values, rest)
  const wanted = askOf(command, rest, values)
  if (wanted !== null) {
    const { text, refused } = await askRunning(values, wanted, 15_000)
    console.log(text)
    return refused ? 1 : 0
  }
  if (command === 'rollback') return runRollback(values)
  const { help } = await import('./help.ts')
  process.stdout.write(help)
  return command === undefined || command === 'help' ? 0 : usageExit
}

async function runStart({ config: file, role: name }: Values): Promise<never> {
  const [{ loadConfig }, { loadEnvironment }] = await settings()
  const role = parseRole(name)
  const config = await loadConfig(configFileOf(file))
  const environment = loadEnvironment(process.env)
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
  const { start } = await import('../start.ts')
  await start(config, environment, role, stop.signal)
  // A job that another process takes up would keep this one open.
  process.exit(0)
}

async function runConfigCheck(file: string): Promise<number> {
  const { configCheck } = await import('./config-check.ts')
  return printed(await configCheck(file))
}

async function runHistory(values: Values, rollout: string | undefined): Promise<number> {
  const [{ history }, [, { loadRedisUrl }]] = await Promise.all([import('./history.ts'), settings()])
  const { replay, json, file, service } = values
  const found = await history({
    ...{ replay, json, config: configFileOf(values.config), redisUrl: () => loadRedisUrl(process.env).reveal() },
    ...(rollout && { rollout }),
    ...(file && { file }),
    ...(service && { service }),
  })
  return printed(found)
}

async function runAudit(values: Values): Promise<number> {
  const [{ audit }, [, { loadBotToken, loadRedisUrl }]] = await Promise.all([import('./audit.ts'), settings()])
  const { since, kind, verify, head, heads, json, csv, service } = values
  const format = csv ? 'csv' : json ? 'json' : 'text'
  const found = await audit({
    ...{ verify, config: configFileOf(values.config), now: systemClock.now(), format },
    pause: (ms) => systemClock.wait(ms),
    ...{ redisUrl: () => loadRedisUrl(process.env).reveal(), slack: () => loadBotToken(process.env) },
    ...(since && { since }),
    ...(kind && { kind }),
    ...(head && { head }),
    ...(heads && { heads }),
    ...(service && { service }),
  })
  return printed(found)
}

async function runReadiness(values: Values, rest: readonly string[]): Promise<number> {
  const { readiness, readinessAsk } = await import('./readiness.ts')
  const { json, strict, watch, category } = values
  const wanted = readinessAsk(rest, category)
  if (watch) {
    const { watchReadiness } = await import('./watch-readiness.ts')
    const ask = (seen?: string) => askRunning(values, { ...wanted, ...(seen !== undefined && { seen }) }, 60_000)
    const pause = (ms: number) => systemClock.wait(ms).then(() => true)
    await watchReadiness({ json, ask, print: (line) => console.log(line), pause })
    return 0
  }
  const { failed, ...found } = await readiness({ json, strict, ask: async () => askRunning(values, wanted, 60_000) })
  const exit = printed(found)
  if (failed.length > 0) console.error(failed.join('\n'))
  return exit
}

async function runRollback({ force: forced, service, namespace, kubeconfig }: Values): Promise<number> {
  const { rollBackByHand } = await import('./roll-back.ts')
  const done = await rollBackByHand({
    ...{ forced, clock: systemClock },
    ...(service && { service }),
    ...(namespace && { namespace }),
    ...(kubeconfig && { kubeconfig }),
  })
  console.log(done)
  return 0
}

/** Asks a running Slipway, for so long at most (ms). */
async function askRunning({ config, service: named }: Values, ask: object, patience: number) {
  const [{ loadConfig }, { loadRedisUrl }] = await settings()
  const { askSlipway } = await import('./ask-slipway.ts')
  const service = named ?? (await loadConfig(configFileOf(config))).service
  const redisUrl = loadRedisUrl(process.env).reveal()
  return askSlipway({ ask, service, redisUrl, newId: randomUUID, clock: systemClock, patience })
}

/** Prints what a command found, and tells its exit code. */
function printed({ lines, exit }: { readonly lines: readonly string[]; readonly exit: number }): number {
  if (lines.length > 0) console.log(lines.join('\n'))
  return exit
}

function configFileOf(named: string | undefined): string {
  return named ?? process.env.SLIPWAY_CONFIG ?? 'deployment-config.yaml'
}

/** What reads the configuration and the environment. */
const settings = () => Promise.all([import('../config/load.ts'), import('../config/environment.ts')])

function exitOf({ code }: SlipwayError): number {
  if (code === 'usage') return usageExit
  return code.startsWith('config-') || code === 'environment-invalid' ? configurationExit : 1
}

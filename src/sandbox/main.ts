import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { SlipwayError } from '../errors.ts'
import type { Child } from './child.ts'
import { order } from './control.ts'
import { configurationExit } from './slipway-process.ts'
import { startWorld, type World } from './world.ts'

/** Progress goes to standard error: with --json standard output holds one line and nothing else. */
const say = (text: string) => process.stderr.write(`${text}\n`)

const ending = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.abort())
endWithParent()

try {
  const { words, ...options } = readOptions()
  if (words === '') await run(options)
  process.exit(words === '' ? 0 : await tell(words, options.dir))
} catch (error) {
  if (ending.signal.aborted) process.exit(130)
  say(error instanceof SlipwayError ? `${error.message}\n${error.todo}` : String(error))
  process.exit(1)
}

/** Gives an order to the sandbox that runs, and returns the exit code: 2 for what it did not understand. */
async function tell(words: string, dir: string | undefined): Promise<number> {
  const { text, outcome } = await order(words, dir)
  process.stdout.write(`${text.replaceAll('/sandbox ', 'script/sandbox ').replaceAll(/[*`]/g, '')}\n`)
  return outcome === 'not-understood' ? 2 : 0
}

/** Starts the world, tells about it, and stops it when it is time. */
async function run(given: Omit<ReturnType<typeof readOptions>, 'words'>): Promise<void> {
  const { json, withoutSlipway, ...options } = given
  const world = await startWorld({
    ...options,
    slipway: !withoutSlipway,
    signal: ending.signal,
    onProgress: (what) => say(`${what} ...`),
  })
  try {
    process.stdout.write(`${json ? JSON.stringify(description(world)) : welcome(world)}\n`)
    await Promise.race([aborted(), keepSlipway(world)])
    say('Stopping ...')
  } finally {
    await world.stop()
  }
}

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      speed: { type: 'string', default: '60' },
      kubeconfig: { type: 'string' },
      traffic: { type: 'string', default: 'virtual-service' },
      dir: { type: 'string' },
      /** For looking at the rest of the world alone. */
      'without-slipway': { type: 'boolean', default: false },
    },
  })
  const { json, speed: written, traffic, 'without-slipway': withoutSlipway, ...paths } = values
  const speed = Number(written)
  if (!(speed > 0)) throw new SlipwayError('usage', { what: `--speed is ${written}, expected a number above 0.` })
  if (traffic !== 'virtual-service' && traffic !== 'http-route')
    throw new SlipwayError('usage', { what: `--traffic is ${traffic}, expected virtual-service or http-route.` })
  const words = positionals.join(' ')
  return {
    words,
    json,
    withoutSlipway,
    speed,
    ...(traffic === 'http-route' && { traffic: 'http-route' as const }),
    ...paths,
  }
}

function description(world: World) {
  const { urls, dir, configFile, pids, env, channel, users } = world
  return { urls, dir, config: configFile, log: `${dir}/slipway.log`, pids, env, channel, users }
}

function welcome({ urls, dir, configFile, kubernetes, config }: World): string {
  const route = config.cluster.traffic.kind === 'http-route' ? 'httproutes' : 'virtualservices'
  const created = kubernetes.created.length > 0 ? [`Created on the cluster: ${kubernetes.created.join(', ')}.`] : []
  return [
    '',
    `Slack        ${urls.slack}   <- start here: choose who you are at the top right (Act as)`,
    `PagerDuty    ${urls.pagerduty}`,
    `Prometheus   ${urls.prometheus}`,
    `Requests     ${urls.requests}   served and lost so far`,
    '',
    `kubectl      KUBECONFIG=${kubernetes.kubeconfig} kubectl get deployments,${route} --all-namespaces`,
    `Files        ${dir}   (slipway.log, ${configFile.slice(dir.length + 1)})`,
    ...created,
    '',
    'Type first:  /deploy readiness 5.1.0',
    'Then:        /deploy advance 5.1.0     and sign off as the people it asks for',
    'Break it:    /sandbox break error-rate     (/sandbox help says what else; /sandbox heal mends it)',
    '',
    'Ctrl-C ends all of it.',
  ].join('\n')
}

function aborted(): Promise<void> {
  if (ending.signal.aborted) return Promise.resolve()
  return new Promise((resolve) => ending.signal.addEventListener('abort', () => resolve(), { once: true }))
}

/** Says when Slipway dies, and starts it again after a second: whatever happens to it, the rollout should go on. */
async function keepSlipway(world: World): Promise<void> {
  for (let slipway = world.slipway; slipway !== null; ) {
    const { code, signal } = await slipway.exited
    if (ending.signal.aborted) return
    say(`Slipway has ended (${signal ?? `exit code ${code}`}).`)
    slipway = code === configurationExit ? null : await startAgain(world)
    if (ending.signal.aborted) return
    say(
      slipway === null
        ? `Its configuration is wrong: see ${world.dir}/slipway.log. The rest of the world goes on.`
        : `Slipway is back, as process ${slipway.pid}.`,
    )
  }
  await aborted()
}

/** Tries until Slipway is up; null when its configuration keeps it from that, or when all is ending. */
async function startAgain(world: World): Promise<Child | null> {
  for (;;) {
    await wait(1_000)
    if (ending.signal.aborted) return null
    say('Starting it again ...')
    try {
      return await world.startSlipway()
    } catch (error) {
      if (ending.signal.aborted) return null
      if (!(error instanceof SlipwayError)) throw error
      if ('code' in error.detail && error.detail.code === configurationExit) return null
      say(error.message)
    }
  }
}

/** Ends when the process that started this one does: a test or a script that was killed can't send a signal. */
function endWithParent(): void {
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) ending.abort()
  }, 500).unref()
}

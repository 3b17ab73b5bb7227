import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { SlipwayError } from '../errors.ts'
import { configurationExit } from './slipway-process.ts'
import { startWorld, type World } from './world.ts'

/** Progress goes to standard error: with --json standard output holds one line and nothing else. */
const say = (text: string) => process.stderr.write(`${text}\n`)

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    speed: { type: 'string', default: '60' },
    kubeconfig: { type: 'string' },
    dir: { type: 'string' },
    manifests: { type: 'string' },
    /** For looking at the rest of the world alone. */
    'without-slipway': { type: 'boolean', default: false },
  },
})

const ending = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.abort())
endWithParent()

try {
  const speed = Number(options.speed)
  if (!(speed > 0)) throw new SlipwayError('usage', { what: `--speed is ${options.speed}, expected a number above 0.` })
  const world = await startWorld({
    speed,
    slipway: !options['without-slipway'],
    signal: ending.signal,
    onProgress: (what) => say(`${what} ...`),
    ...(options.dir !== undefined && { dir: options.dir }),
    ...(options.manifests !== undefined && { manifests: options.manifests }),
    ...(options.kubeconfig !== undefined && { kubeconfig: options.kubeconfig }),
  })
  if (options.json) process.stdout.write(`${JSON.stringify(description(world))}\n`)
  else say(welcome(world))
  await Promise.race([aborted(), keepSlipway(world)])
  say('Stopping ...')
  await world.stop()
  process.exit(0)
} catch (error) {
  if (ending.signal.aborted) process.exit(130)
  say(error instanceof SlipwayError ? `${error.message}\n${error.todo}` : String(error))
  process.exit(1)
}

function description(world: World) {
  const { urls, dir, configFile, pids, env, channel, users } = world
  return { urls, dir, config: configFile, log: `${dir}/slipway.log`, pids, env, channel, users }
}

function welcome({ urls, dir, configFile, kubernetes }: World): string {
  const created = kubernetes.created.length > 0 ? [`Created on the cluster: ${kubernetes.created.join(', ')}.`] : []
  return [
    '',
    `Slack        ${urls.slack}   <- start here: choose who you are at the bottom left`,
    `PagerDuty    ${urls.pagerduty}`,
    `Prometheus   ${urls.prometheus}`,
    `Requests     ${urls.requests}   served and lost so far`,
    '',
    `kubectl      KUBECONFIG=${kubernetes.kubeconfig} kubectl get deployments,virtualservices --all-namespaces`,
    `Files        ${dir}   (slipway.log, ${configFile.slice(dir.length + 1)})`,
    ...created,
    '',
    'Type first:  /deploy readiness 5.1.0',
    'Then:        /deploy advance 5.1.0     and sign off as the people it asks for',
    'Break it:    /sandbox break error-rate     (latency, agents, workflows, cpu, memory, pods; /sandbox heal mends it)',
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
    if (ending.signal.aborted) break
    say(`Slipway has ended (${signal ?? `exit code ${code}`}).`)
    if (code === configurationExit) {
      say(`Its configuration is wrong: see ${world.dir}/slipway.log. The rest of the world goes on.`)
      break
    }
    await wait(1_000)
    if (ending.signal.aborted) break
    say('Starting it again ...')
    slipway = await world.startSlipway().catch((error: unknown) => {
      if (!ending.signal.aborted) say(error instanceof SlipwayError ? error.message : String(error))
      return null
    })
    if (slipway !== null) say(`Slipway is back, as process ${slipway.pid}.`)
  }
  await aborted()
}

/** Ends when the process that started this one does: a test or a script that was killed can't send a signal. */
function endWithParent(): void {
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) ending.abort()
  }, 500).unref()
}

import { systemClock } from '../clock.ts'
import { type BrokenGlass, breakGlass } from '../cluster/break-glass.ts'
import { loadKubeConfig } from '../cluster/kube-config.ts'
import { SlipwayError } from '../errors.ts'
import { undoneText } from '../rollout/point-of-no-return.ts'
import { atTerminal } from './terminal.ts'

export interface RollBackOptions {
  readonly forced: boolean
  readonly kubeconfig?: string
  readonly namespace?: string
  readonly service?: string
}

/** `slipway rollback -f`: takes all traffic back with nothing but a kubeconfig; returns what to print. */
export async function rollBackByHand(options: RollBackOptions): Promise<string> {
  if (!options.forced)
    throw new SlipwayError('usage', {
      what: '`slipway rollback -f` acts on the cluster at once, without Slipway and Slack; with `--reason TEXT` in its place a running Slipway is asked. Say which.',
    })
  const kubeConfig = loadKubeConfig(options.kubeconfig)
  const { service, namespace } = options
  const done = await breakGlass({
    kubeConfig,
    by: `cli:${atTerminal()}`,
    clock: systemClock,
    whenEmpty: 'go-ahead',
    ...(service !== undefined && { service }),
    ...(namespace !== undefined && { namespace }),
  })
  return rolledBackText(done)
}

/** What a terminal is told of a rollback that is done. */
export function rolledBackText(done: BrokenGlass): string {
  const steps = done.steps.map((s) => `${s.name} ${Math.round(s.ms)} ms`).join(', ')
  const { service, stable, from, pointOfNoReturn: point } = done
  const line = `Rolled back. All traffic of ${service} is on stable (${stable}), read back; the canary had ${from} %. ${steps}.`
  return point === undefined ? line : `${line}\n${undoneText(point, from)}`
}

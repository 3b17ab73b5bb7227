import { hostname, userInfo } from 'node:os'
import { systemClock } from '../clock.ts'
import { breakGlass } from '../cluster/break-glass.ts'
import { loadKubeConfig } from '../cluster/kube-config.ts'
import { SlipwayError } from '../errors.ts'

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
      what: '`slipway rollback` acts on the cluster at once, without Slipway and Slack: say -f if you mean it.',
    })
  const kubeConfig = loadKubeConfig(options.kubeconfig)
  const { service, namespace } = options
  const done = await breakGlass({
    kubeConfig,
    by: `cli:${userInfo().username}@${hostname()}`,
    clock: systemClock,
    whenEmpty: 'go-ahead',
    ...(service !== undefined && { service }),
    ...(namespace !== undefined && { namespace }),
  })
  const steps = done.steps.map((s) => `${s.name} ${Math.round(s.ms)} ms`).join(', ')
  return `Rolled back. All traffic of ${done.service} is on stable (${done.stable}), read back; the canary had ${done.from} %. ${steps}.`
}

import { clip } from '../clip.ts'
import { type BrokenGlass, breakGlass } from '../cluster/break-glass.ts'
import { loadKubeConfig } from '../cluster/kube-config.ts'
import { SlipwayError } from '../errors.ts'
import type { Clock } from '../jobs/ports.ts'
import { undoneText } from '../rollout/point-of-no-return.ts'
import { atTerminal } from './terminal.ts'

export interface RollBackOptions {
  readonly forced: boolean
  readonly kubeconfig?: string
  readonly namespace?: string
  readonly service?: string
  readonly clock: Clock
}

/**
 * `slipway rollback -f`: takes all traffic back with nothing but a kubeconfig; returns what to print. Throws `by-hand-given-up`,
 * `by-hand-forbidden` or `by-hand-not-found` for what its person can mend, else what break-glass throws.
 */
export async function rollBackByHand(options: RollBackOptions): Promise<string> {
  if (!options.forced)
    throw new SlipwayError('usage', {
      what: '`slipway rollback -f` acts on the cluster at once, without Slipway and Slack; with `--reason TEXT` in its place a running Slipway is asked. Say which.',
    })
  const kubeConfig = loadKubeConfig(options.kubeconfig)
  const { service, namespace, clock } = options
  const began = clock.now()
  const done = await breakGlass({
    kubeConfig,
    by: `cli:${atTerminal()}`,
    clock,
    whenEmpty: 'go-ahead',
    ...(service !== undefined && { service }),
    ...(namespace !== undefined && { namespace }),
  }).catch((error: unknown) => {
    throw byHand(error, clock.now() - began)
  })
  return rolledBackText(done)
}

/** The same failure as it is for a person with an own account, whom nothing tries again for; `after` in ms. */
function byHand(error: unknown, after: number): unknown {
  if (!(error instanceof SlipwayError)) return error
  const { code, message: what, cause } = error
  if (code === 'cluster-unreachable' || code === 'cluster-refused')
    return new SlipwayError('by-hand-given-up', { what, after, why: reasonOf(cause) }, { cause })
  if (code === 'cluster-forbidden') return new SlipwayError('by-hand-forbidden', { what }, { cause })
  if (code === 'cluster-not-found') return new SlipwayError('by-hand-not-found', { what }, { cause })
  return error
}

/** The last cause, in a line: it names the machine or the program that is missing. That of what is no JSON would quote a log-in's token. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no reason is known'
  if (error.cause instanceof Error) return reasonOf(error.cause)
  const line = error instanceof SyntaxError ? '' : error.message.trim().split('\n')[0]
  return clip(line || ('code' in error ? String(error.code) : error.name), 200)
}

/** What a terminal is told of a rollback that is done. */
export function rolledBackText(done: BrokenGlass): string {
  const steps = done.steps.map((s) => `${s.name} ${Math.round(s.ms)} ms`).join(', ')
  const { service, stable, from, pointOfNoReturn: point } = done
  const line = `Rolled back. All traffic of ${service} is on stable (${stable}), read back; the canary had ${from} %. ${steps}.`
  return point === undefined ? line : `${line}\n${undoneText(point, from)}`
}

import { SlipwayError } from '../errors.ts'
import type { Fence } from '../jobs/ports.ts'
import type { Track } from '../rollout/plan.ts'
import type { TimedSteps } from './timed-steps.ts'
import type { Traffic } from './traffic.ts'
import type { Workloads } from './workloads.ts'

/** Time between two looks at the pods, in ms. */
const poll = 200

/** An order to give stable everything. */
export interface RestoreOrder {
  readonly stable: Track
  /** How many pods stable had when the rollout started. */
  readonly size: number
  readonly fence: Fence
  readonly whenEmpty: 'hold' | 'go-ahead'
  /** From when on (ms since 1970) its time counts, however often it is tried. */
  readonly since: number
}

/**
 * Sees to it that stable can take the traffic back: with too few ready pods it is scaled to its size and waited for, `scaleFirst`
 * ms at most from `since` on. Nothing that goes wrong here stops a rollback but one: under `hold`, no ready pod at all throws
 * `stable-not-ready`. What was never found out counts as ready.
 */
export async function standBy(
  { config, clock }: Traffic,
  workloads: Workloads,
  steps: TimedSteps,
  { stable, size, fence, whenEmpty, since }: RestoreOrder,
): Promise<void> {
  const deadline = Math.min(clock.now(), since) + config.scaleFirst
  const enough = Math.max(1, config.readyShare * size)

  const found = await steps.attempt(`read ${stable}`, () => workloads.read(stable))
  let ready = readyPods(found, Number.POSITIVE_INFINITY)
  if (ready >= enough) return
  if (!(found instanceof SlipwayError) && found.replicas < size) {
    await steps.attempt(`scale ${stable} to ${size}`, () =>
      workloads.size(stable, { replicas: size, atLeast: true }, fence),
    )
  }
  await steps.run(`wait for ${stable}`, async () => {
    while (ready < enough && clock.now() < deadline) {
      await clock.wait(Math.min(poll, deadline - clock.now()))
      ready = readyPods(await workloads.read(stable).catch(asSlipwayError), ready)
    }
  })
  if (ready === 0 && whenEmpty === 'hold') throw new SlipwayError('stable-not-ready', { track: stable })
}

/** A Deployment that is gone has no pods; one that can't be read for any other reason has as many as were known. */
function readyPods(found: { readyPods: number } | SlipwayError, known: number): number {
  if (!(found instanceof SlipwayError)) return found.readyPods
  return found.code === 'cluster-not-found' ? 0 : known
}

function asSlipwayError(error: unknown): SlipwayError {
  if (error instanceof SlipwayError) return error
  throw error
}

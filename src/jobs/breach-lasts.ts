import type { Parts, State } from '../rollout/state.ts'
import { stableFails } from './failing-pods.ts'
import type { World } from './world.ts'

/** Alertmanager tells of what still fires within this time (ms), with the intervals that docs/operations.md asks for: it may leave one out. */
export const toldAgainWithin = 150_000

/** Under which name it is kept when pods of stable failed last (ms). */
const note = 'stable-pods'

/** What has no limit to be judged by, and was a breach all the same: when it was there last, and how long it must have been gone. In ms. */
export interface Lasting {
  readonly at: number
  readonly gone: number
}

/** After a rollback: does what it was for, where that was an alert or failing pods, go on with all traffic on stable? */
export async function breachLasts(world: World, { rollout, breaches, spec }: State, parts: Parts): Promise<Lasting> {
  const isFor = (kind: 'alert' | 'pod') => breaches.some(({ evidence }) => evidence[kind] !== undefined)
  const fired = isFor('alert') ? await world.beside.alertFired(rollout) : null
  const failed = isFor('pod') ? await podsFailed(world, rollout, parts) : 0
  const gone = fired === null ? spec.resolveAfter : Math.max(spec.resolveAfter, toldAgainWithin)
  return { at: Math.max(fired ?? 0, failed), gone }
}

/** When stable's pods failed last, or could not be looked at; 0 when never. */
async function podsFailed({ cluster, cursors, clock, log }: World, rollout: number, parts: Parts): Promise<number> {
  try {
    if (!stableFails(parts, await cluster.view())) return Number((await cursors.note(rollout, note)) ?? 0)
  } catch (error) {
    log.warn({ err: error, rollout }, 'the cluster could not be looked at; the incident stays open meanwhile')
  }
  await cursors.keep(rollout, note, `${clock.now()}`)
  return clock.now()
}

import { judgeAll, type Readings } from '../rollout/analysis.ts'
import type { Command } from '../rollout/commands.ts'
import { slipway } from '../rollout/decide-rollback.ts'
import type { Actor, Evidence } from '../rollout/events.ts'
import { isOver, type State, watchedPhase } from '../rollout/state.ts'
import type { BrokenGlass } from './ports.ts'
import { readMetrics } from './read-metrics.ts'
import { evidenceOf } from './watch.ts'
import type { World } from './world.ts'

/** Readings kept in memory of a rollout, enough to confirm any breach. */
const kept = 60

/** Why traffic is taken back without the ledger. */
export interface Cause {
  readonly by: Actor
  readonly reason: string
  readonly evidence?: Evidence
}

/**
 * Watching and rolling back while Redis is away (rule 1): from the last state this process has seen, with readings in
 * memory. What was done is recorded when Redis is back.
 */
export interface Emergency {
  /** Keeps readings of better times, so that a breach that began then is confirmed in time. */
  remember(rollout: number, history: readonly Readings[]): void
  /** One look without the ledger at every rollout that this process knows. */
  watch(): Promise<void>
  /** Takes all traffic back now. Throws when the cluster could not be written either. */
  takeBack(cause: Cause): Promise<BrokenGlass>
  /** Records what was done meanwhile; throws while Redis is still away. */
  record(): Promise<void>
}

export function createEmergency(world: World): Emergency {
  const memory = new Map<number, readonly Readings[]>()
  const unrecorded: { readonly rollout: number; readonly command: Command }[] = []
  const takenBack = new Set<number>()

  async function takeBack(cause: Cause): Promise<BrokenGlass> {
    const done = await world.breakGlass(
      `${cause.by.id} (${cause.reason})`,
      cause.by.via === 'slipway' ? 'hold' : 'go-ahead',
    )
    const { rollout, from, steps } = done
    if (takenBack.has(rollout)) return done
    takenBack.add(rollout)
    const at = world.clock.now()
    const kind = cause.evidence === undefined ? ('person' as const) : ('breach' as const)
    const record = {
      type: 'record-break-glass',
      cause: kind,
      forced: true,
      reason: cause.reason,
      from,
      steps,
      restoredAt: at,
    } as const
    const command = {
      ...record,
      id: world.newId(),
      at,
      by: cause.by,
      ...(cause.evidence && { evidence: cause.evidence }),
    }
    unrecorded.push({ rollout, command })
    world.log.warn({ service: done.service, rollout, reason: cause.reason }, 'traffic taken back without Redis')
    return done
  }

  async function watchOne(state: State): Promise<void> {
    const { parts, spec, rollout } = state
    if (parts === undefined || takenBack.has(rollout)) return
    // Only the ledger knew: an order that it holds already is carried out without it.
    if (state.rollback !== undefined) {
      await takeBack({ by: state.rollback.by, reason: state.rollback.reason })
      return
    }
    if (state.weight === 0) return
    const { phase, since } = watchedPhase(state)
    const now = world.clock.now()
    const reading = { spec, phase, canary: parts.canary, stable: parts.stable, weight: state.weight, ran: now - since }
    const before = memory.get(rollout) ?? []
    const taken = await readMetrics(world, reading)
    const history = [...before, taken].filter((r) => r.phase === phase).slice(-kept)
    memory.set(rollout, history)
    const confirmed = judgeAll(spec, history).find((v) => v.state === 'confirmed')
    if (confirmed === undefined) return
    const evidence = await evidenceOf(world, reading, confirmed)
    await takeBack({ by: slipway, reason: `${evidence.metric} over its limit`, evidence })
  }

  return {
    remember: (rollout, history) => void memory.set(rollout, history.slice(-kept)),
    takeBack,
    async watch() {
      const open = world.rollouts.known().filter((s) => !isOver(s))
      await Promise.all(open.map(watchOne))
    },
    async record() {
      for (let next = unrecorded[0]; next !== undefined; next = unrecorded[0]) {
        await world.rollouts.execute(next.rollout, next.command)
        unrecorded.shift()
      }
    },
  }
}

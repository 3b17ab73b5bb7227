import { holdsAt } from '../jobs/holds.ts'
import { soakKey, wanted } from '../jobs/watch.ts'
import type { World } from '../jobs/world.ts'
import { judgeAll } from '../rollout/analysis.ts'
import { weightText } from '../rollout/canary-weight.ts'
import { holdsOn } from '../rollout/hold.ts'
import { missingRoles } from '../rollout/sign-off.ts'
import { isOver, type State, watchedPhase } from '../rollout/state.ts'
import { momentText, wallText } from '../rollout/wall-time.ts'
import { headlineOf } from './blocks/headline.ts'
import { cleanUpAsks } from './clean-up-texts.ts'
import { besideText, boundsText, durationText } from './format.ts'

/** Where a rollout stands, in plain words. */
export async function statusText(world: World, state: State): Promise<string> {
  const [readings, observed] = await Promise.all([
    world.beside.readings(state.rollout, watchedPhase(state).phase),
    world.beside.observed(state.rollout, soakKey(state)),
  ])
  const soak =
    state.stage === 'soaking' || state.stage === 'released'
      ? [`${durationText(observed)} of ${durationText(wanted(state))} observed.`]
      : []
  const decision =
    state.decision === undefined
      ? []
      : [`A decision is awaited: it rolls back by itself at ${momentText(state.decision.rollBackAt)}.`]
  const cleanUp = cleanUpAsks(state)
  const waiting = state.request === undefined ? [] : missingRoles(state, state.request)
  const missing = waiting.length === 0 ? [] : [`Missing sign-offs: ${waiting.join(', ')}.`]
  const metrics = judgeAll(state.spec, readings).flatMap((v) =>
    v.last === undefined
      ? []
      : [
          `• ${v.metric.title}: ${'missing' in v.last ? `no number (${v.last.detail})` : besideText(v.metric.unit, v.last.value, v.last.stable)} (${boundsText(v.metric)})`,
        ],
  )
  const first = `${world.config.title} ${state.spec.version}: ${headlineOf(state)}. The canary gets ${weightText(state)}.`
  return [first, ...soak, ...decision, ...(cleanUp === null ? [] : [cleanUp]), ...missing, ...metrics].join('\n')
}

/** What holds a rollout, or the next one, at this moment, in plain words: one line each. */
export async function holdsText(world: World, state: State | null): Promise<readonly string[]> {
  const over = state === null || isOver(state)
  const { freeze, lock } = holdsOn(over ? undefined : state.overridden, await holdsAt(world, world.clock.now()))
  return [
    ...(lock === undefined ? [] : [`Locked by ${lock.by.name} since ${momentText(lock.at)}: ${lock.reason}.`]),
    ...(freeze === undefined ? [] : [`Frozen (${freeze.title}) until ${wallText(freeze.until, freeze.zone)}.`]),
  ]
}

import { setTimeout as wait } from 'node:timers/promises'
import { keysOf } from '../../../src/ledger/keys.ts'
import { readEvent } from '../../../src/ledger/upcast.ts'
import type { Event } from '../../../src/rollout/events.ts'
import { evolve } from '../../../src/rollout/evolve.ts'
import { isOver, type State } from '../../../src/rollout/state.ts'
import { until } from '../../../src/sandbox/until.ts'
import { type Facts, problemsOf } from './checks.ts'
import { createInjector, type Tally } from './inject.ts'
import type { Lane } from './lane.ts'
import { leftOf } from './left.ts'
import { createPilot } from './pilot.ts'
import { type Plan, type Planned, planOf } from './plan.ts'

/** Time between two looks at the ledger, in ms. */
const every = 100
/** From the start to the end of the rollout, and from there until nothing is left to do: far more than it takes. In ms. */
const limit = 240_000

/** What became of one run. */
export interface Outcome {
  readonly plan: Plan
  /** What is not as it should be; empty when all is well. */
  readonly problems: readonly string[]
  readonly stage: string
  readonly ms: number
  /** What was done and what happened, with the time since the start in ms. */
  readonly story: readonly { readonly at: number; readonly what: string }[]
  readonly events: readonly Event[]
  /** What each process printed. */
  readonly logs: Readonly<Record<string, string>>
}

/** Carries out what a seed stands for on a lane where nothing is going on, and looks at what it left. */
export async function run(lane: Lane, seed: number, rollout: number, tally: Tally): Promise<Outcome> {
  const { world, slots } = lane
  const plan = planOf(seed)
  const begun = Date.now()
  const story: { at: number; what: string }[] = []
  const note = (what: string) => void story.push({ at: Date.now() - begun, what })
  const injector = createInjector(lane, tally, note)
  const pilot = createPilot(world, `5.1.${rollout}`)
  const keys = keysOf(world.config.service)
  const waiting = new Set<Planned>(plan.faults)
  const faults: Promise<void>[] = []
  const lostBefore = lostBy(lane)
  let lost = lostBefore
  const logsBefore = await logsOf(lane)
  const { refused } = world.workspace.strict
  const refusedBefore = refused.length
  const crashesBefore = slots.a.crashes.length + slots.b.crashes.length
  /** The ledger as it was found last. */
  let lines: readonly string[] = []
  let events: readonly Event[] = []
  let state: State | null = null
  let broke: number | null = null
  let wanted: number | null = null
  const failed: string[] = []

  async function look(): Promise<void> {
    const found = await lane.ask((redis) => redis.lrange(keys.events(rollout), 0, -1))
    if (found === null || found.join('\n') === lines.join('\n')) return
    lines = found
    const now = lines.map((line, i) => readEvent(line, String(rollout), i + 1))
    for (const event of now.slice(events.length)) note(`${event.version} ${event.type}`)
    events = now
    state = events.reduce<State | null>(evolve, null)
  }

  function lookAtLost(): void {
    const now = lostBy(lane)
    if (now > lost) note(`${now - lost} requests were lost`)
    lost = now
  }

  function happened({ after, delay }: Pick<Planned, 'after' | 'delay'>): boolean {
    if (after === 'start') return Date.now() - begun >= delay
    const at = events.find((event) => event.type === after)?.at
    return at !== undefined && Date.now() - at >= delay
  }

  function follow(): void {
    for (const planned of waiting) {
      if (!happened(planned)) continue
      waiting.delete(planned)
      const injected = injector.inject(planned.fault)
      faults.push(injected.catch((error: unknown) => void failed.push(`a fault could not be made: ${error}`)))
    }
    const { course } = plan
    if (course.kind === 'complete' || (state?.phase ?? -1) < course.phase) return
    if (!events.some((e) => e.type === course.after && (!('phase' in e) || e.phase === course.phase))) return
    if (course.kind === 'rollback') wanted ??= Date.now()
    if (course.kind === 'breach' && broke === null && state?.rollback === undefined) {
      broke = Date.now()
      world.service.break('p95')
      note('the canary is broken')
    }
  }

  const isEnded = () =>
    state !== null && isOver(state) && state.cleanUp === 'done' && [...waiting].every((planned) => !isNear(planned))
  /** Will it still come? What waits for an event that does not come any more does not. */
  function isNear(planned: Planned): boolean {
    return planned.after !== 'start' && events.some((event) => event.type === planned.after)
  }

  let looking: Promise<void> | null = null
  while (Date.now() - begun < limit && !isEnded()) {
    // Faults come in time also while Redis does not answer.
    looking ??= look().finally(() => {
      looking = null
    })
    follow()
    lookAtLost()
    pilot.look(state, events, wanted !== null)
    if (state !== null && isOver(state)) world.service.heal()
    await wait(every)
  }
  if (!isEnded()) failed.push('the rollout has not come to its end')
  world.service.heal()
  // A fault that was planned for later would hit the next run.
  await Promise.all(faults)
  await pilot.rest()
  for (const slot of [slots.a, slots.b]) {
    await slot.start()
    await slot.ready(60_000).catch((error: unknown) => void failed.push(String(error)))
  }
  const closed = async () => (await lane.ask((redis) => redis.scard(keys.open))) === 0 || undefined
  if (!(await until(closed, limit - 90_000, every))) failed.push(`something is left to do: ${await leftOf(lane)}`)
  await looking
  await look()
  lookAtLost()
  note('settled')

  const logs = await logsOf(lane)
  const fresh = { a: logs.a.slice(logsBefore.a.length), b: logs.b.slice(logsBefore.b.length) }
  const facts: Facts = {
    plan,
    rollout,
    events,
    logs: fresh,
    broke,
    lost: lost - lostBefore,
    crashes: [...slots.a.crashes, ...slots.b.crashes].slice(crashesBefore),
    refused: refused.slice(refusedBefore),
  }
  const found = await problemsOf(lane, facts).catch((error: unknown) => [
    `nothing could be looked at: ${reasonOf(error)}`,
  ])
  const problems = [...failed, ...found]
  for (const { at, what } of pilot.done) story.push({ at: at - begun, what: `somebody: ${what}` })
  story.sort((one, other) => one.at - other.at)
  const stage = (state as State | null)?.stage ?? 'not started'
  return { plan, problems, stage, ms: Date.now() - begun, story, events, logs: fresh }
}

const reasonOf = (error: unknown) => (error instanceof Error ? `${error} ${error.cause ?? ''}` : String(error))

function lostBy({ world }: Lane): number {
  const { blue, green } = world.service.requests()
  return blue.lost + green.lost
}

async function logsOf({ slots }: Lane): Promise<{ readonly a: string; readonly b: string }> {
  const [a, b] = await Promise.all([slots.a.log(), slots.b.log()])
  return { a, b }
}

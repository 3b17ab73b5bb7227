import { isDeepStrictEqual } from 'node:util'
import { SlipwayError } from '../errors.ts'
import type { Command, CommandOf } from '../rollout/commands.ts'
import { decide } from '../rollout/decide.ts'
import type { Decision } from '../rollout/decision.ts'
import { effects, type Job, lastShown, type Projection, projections } from '../rollout/effects.ts'
import { type Event, parseEvent, schemaVersion } from '../rollout/events.ts'
import { evolve } from '../rollout/evolve.ts'
import type { Holds } from '../rollout/hold.ts'
import { type Refusal, refuse } from '../rollout/refusal.ts'
import { serviceHeld } from '../rollout/service-held.ts'
import { endedAt, holdsService, isOver, type State } from '../rollout/state.ts'
import type { Ledger } from './ledger.ts'

/** What became of a command: the state after it, and the events it led to; or why it was refused. */
export type Executed =
  | { readonly state: State; readonly events: readonly Event[] }
  | { readonly refusal: Refusal; readonly state: State | null }

/** The rollouts of one service: the ring's way from a command to the ledger and on to the jobs. */
export interface Rollouts {
  readonly service: string
  /** The fold of a rollout's events, or null when it has none. */
  load(rollout: number): Promise<State | null>
  /** A rollout's events, oldest first. */
  history(rollout: number): Promise<readonly Event[]>
  /** The rollout that keeps others from starting; otherwise the newest one; or null. */
  current(): Promise<State | null>
  /**
   * Decides and appends; on a conflict reads and decides again. Starts the jobs of what was appended. `read`: the state as it was
   * read a moment ago, on which to decide first; without it the ledger is read.
   */
  execute(rollout: number, command: Command, read?: State): Promise<Executed>
  /**
   * Starts the next rollout of the service, with a number above `above` (default 0): the cluster may know one that the ledger lost. The
   * same command starts one rollout at most, and none where another one ended after its `at`.
   */
  start(command: CommandOf<'start'> | CommandOf<'record-traffic-found'>, above?: number): Promise<Executed>
  /** Takes up a rollout that only the cluster knows, under the number of its mark. */
  find(command: CommandOf<'record-found'>): Promise<Executed>
  /** Numbers of the rollouts with anything left to do. Looks how those ended that this process took for going on and that are not among them. */
  open(): Promise<readonly number[]>
  /** Nothing is left to do for this rollout, unless it has moved on meanwhile. */
  close(state: State): Promise<void>
  /** The last state this process has seen of each open rollout, also while Redis is away. Only the newest can be going on. */
  known(): readonly State[]
  /** The newest rollout that this process knows to be over and closed; 0 when it knows none. */
  closed(): number
}

const tries = 25

/** A state this process has seen, with the event that led to it. */
interface Known {
  readonly state: State
  readonly last: Event
}

/**
 * `onAppended` starts jobs and wakes the projections that what was appended concerns. When it fails nothing is lost: the
 * recovery sweep starts what was left out. `holdsAt` says what holds the service at a moment (by default nothing).
 */
export function createRollouts(
  service: string,
  ledger: Ledger,
  onAppended: (rollout: number, jobs: readonly Job[], concerned: readonly Projection[]) => Promise<void>,
  holdsAt: (at: number) => Promise<Holds> = async () => ({}),
): Rollouts {
  const cache = new Map<number, Known>()
  let closed = 0

  async function load(rollout: number): Promise<State | null> {
    const known = cache.get(rollout)
    const now = known === undefined ? null : await caughtUp(rollout, known)
    if (now !== null) return now
    cache.delete(rollout)
    const events = await ledger.read(rollout, 0)
    const [state, end] = [events.reduce<State | null>(evolve, null), events.at(-1)]
    return state === null || end === undefined ? null : remember(rollout, state, end)
  }

  /** The known state with what came after it; null when the ledger is not the one it was (Redis came back empty or older). */
  async function caughtUp(rollout: number, { state, last }: Known): Promise<State | null> {
    const [overlap, ...fresh] = await ledger.read(rollout, state.version - 1)
    if (!isDeepStrictEqual(overlap, last)) return null
    return remember(rollout, fresh.reduce<State>(evolve, state), fresh.at(-1) ?? last)
  }

  /** Is a rollout over that is no longer open? A ledger that is gone, or another one, tells nothing. */
  async function hasEnded(rollout: number, known: Known): Promise<boolean> {
    if (isOver(known.state)) return true
    try {
      const now = await caughtUp(rollout, known)
      return now !== null && isOver(now)
    } catch (error) {
      if (error instanceof SlipwayError && error.code === 'ledger-unavailable') throw error
      // A newer Slipway has gone on with it, and closed it: what this one can't read must not keep it from the others.
      return true
    }
  }

  function forget(rollout: number): void {
    closed = Math.max(closed, rollout)
    cache.delete(rollout)
  }

  function remember(rollout: number, state: State, last: Event): State {
    // Two loads may overlap: the one that saw more wins.
    if (state.version >= (cache.get(rollout)?.state.version ?? 0)) cache.set(rollout, { state, last })
    return state
  }

  /** Time passes ten times a second, nearly always for nothing: then nobody is asked what holds the service, for a hold lets nothing happen. */
  async function decided(state: State | null, command: Command): Promise<Decision> {
    const free = command.type === 'tick' ? decide(state, command, service) : null
    if (free !== null && 'events' in free && free.events.length === 0) return free
    return decide(state, { ...command, ...(await holdsAt(command.at)) }, service)
  }

  async function attempt(
    rollout: number,
    state: State | null,
    command: Command,
  ): Promise<Executed | 'conflict' | 'service-taken'> {
    const decision = await decided(state, command)
    if ('refusal' in decision) return { refusal: decision.refusal, state }
    let next = state
    const events: Event[] = []
    const jobs: Job[] = []
    for (const body of decision.events) {
      const version = (next?.version ?? 0) + 1
      const place = { v: schemaVersion, service, rollout, version, at: command.at, command: command.id }
      // As it will be read back, so that every process has the same state to the letter.
      const event = parseEvent({ ...body, ...place })
      next = evolve(next, event)
      events.push(event)
      jobs.push(...effects(event, next))
    }
    if (next === null) return { refusal: refuse('no-rollout', { service }).refusal, state }
    if (events.length === 0) return { state: next, events }
    const before = state?.version ?? 0
    const result = await ledger.append(rollout, before, events, holdsService(next))
    if (typeof result === 'string') return result
    // Folded again: only now the events have their hashes, and the state is to be the same for every process.
    const after = result.reduce<State | null>(evolve, state) ?? next
    const last = result.at(-1)
    if (last !== undefined) cache.set(rollout, { state: after, last })
    const concerned = projections.filter((name) => lastShown(after, name) > before)
    await onAppended(rollout, jobs, concerned)
    return { state: after, events: result }
  }

  return {
    service,
    load,
    history: (rollout) => ledger.read(rollout, 0),
    async current() {
      const number = (await ledger.active()) ?? (await ledger.latest())
      return number === 0 ? null : load(number)
    },
    async execute(rollout, command, read) {
      for (let i = 0; i < tries; i++) {
        const state = i === 0 && read !== undefined ? read : await load(rollout)
        const done = await attempt(rollout, state, command)
        if (typeof done !== 'string') return done
      }
      throw new SlipwayError('ledger-conflict', { rollout: `${service}/${rollout}` })
    },
    async start(command, above = 0) {
      for (let i = 0; i < tries; i++) {
        const active = await ledger.active()
        const running = active === null ? null : await load(active)
        const latest = await ledger.latest()
        const newest = running ?? (latest === 0 ? null : await load(latest))
        // It may have been taken before, by a process that died, or that stood still and wakes up now: its rollout may be over.
        if (newest?.commands.has(command.id)) return { state: newest, events: [] }
        if (running !== null) return { ...serviceHeld(running), state: running }
        // Whoever said it meant the rollout that was under way, or did not see yet that one was.
        if (newest !== null && (endedAt(newest) ?? 0) > command.at)
          return { ...refuse('said-before', { version: newest.spec.version, moment: 'ended' }), state: newest }
        const done = await attempt(Math.max(latest, above) + 1, null, command)
        if (typeof done !== 'string') return done
      }
      throw new SlipwayError('ledger-conflict', { rollout: service })
    },
    async find(command) {
      const { rollout } = command.fence
      const done = await attempt(rollout, await load(rollout), command)
      if (typeof done !== 'string') return done
      throw new SlipwayError('ledger-conflict', { rollout: `${service}/${rollout}` })
    },
    async open() {
      const open = await ledger.open()
      // Another process has closed it: what is known of it here would only age, and be taken for what is going on once Redis is away.
      for (const [rollout, known] of cache)
        if (!open.includes(rollout) && (await hasEnded(rollout, known))) forget(rollout)
      return open
    },
    async close(state) {
      await ledger.close(state.rollout, state.version)
      forget(state.rollout)
    },
    known() {
      const newest = Math.max(closed, ...cache.keys())
      const states = [...cache.values()].map(({ state }) => state)
      return states.filter((state) => isOver(state) || state.rollout === newest)
    },
    closed: () => closed,
  }
}

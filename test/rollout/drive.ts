import { fileURLToPath } from 'node:url'
import { loadConfig } from '../../src/config/load.ts'
import type { Command, Outcome, Wish } from '../../src/rollout/commands.ts'
import { decide } from '../../src/rollout/decide.ts'
import { slipway } from '../../src/rollout/decide-rollback.ts'
import { effects, type Job } from '../../src/rollout/effects.ts'
import { type Actor, type Event, type EventType, schemaVersion } from '../../src/rollout/events.ts'
import { evolve } from '../../src/rollout/evolve.ts'
import type { Holds } from '../../src/rollout/hold.ts'
import type { RolloutSpec } from '../../src/rollout/plan.ts'
import type { Refusal } from '../../src/rollout/refusal.ts'
import type { State } from '../../src/rollout/state.ts'

/** The configuration that the release team's requirements were made into. */
export const config = await loadConfig(fileURLToPath(new URL('../../deployment-config.yaml', import.meta.url)))
export const { service } = config
export const rollout = 1

const version = '5.1.0'
export const spec: RolloutSpec = { ...config.release, version, image: config.image.replaceAll('{version}', version) }

/** Somebody who asks for phases and holds no role. */
export const requester: Actor = { id: 'U000RELEASE', name: 'Release manager', via: 'slack' }

/** The first holder of a role. */
export function holderOf(role: string): Actor {
  const { users, title } = config.roles[role] ?? {}
  const id = users?.[0]
  if (id === undefined || title === undefined) throw new Error(`nobody holds ${role}`)
  return { id, name: title, via: 'slack' }
}

/** One command and all that became of it. */
export interface Taken {
  readonly command: Command
  readonly before: State | null
  readonly after: State | null
  readonly events: readonly Event[]
  readonly jobs: readonly Job[]
  readonly refusal: Refusal | null
}

/** A rollout without ledger and clock: commands are decided and folded as `src/ledger/rollouts.ts` does. */
export interface Drive {
  /** The state now; throws before the start. */
  readonly state: State
  readonly events: readonly Event[]
  readonly taken: readonly Taken[]
  readonly now: number
  /** What holds the service: every command carries it. */
  holds: Holds
  wait(ms: number): void
  /** Takes a command now, under a fresh id unless one is given; wishes come from the requester unless said otherwise. */
  say(want: Wish | Outcome, by?: Actor, id?: string): Taken
}

/** 1 July 2026, 03:00 UTC: releases go out at night. */
const began = Date.UTC(2026, 6, 1, 3)

/** A drive that goes on from a history of events, or from nothing. */
export function createDrive(history: readonly Event[] = []): Drive {
  const events = [...history]
  const taken: Taken[] = []
  let state = history.reduce<State | null>(evolve, null)
  let now = history.at(-1)?.at ?? began

  function take(command: Command): Taken {
    const before = state
    const decision = decide(before, command, service)
    if ('refusal' in decision)
      return { command, before, after: before, events: [], jobs: [], refusal: decision.refusal }
    const fresh: Event[] = []
    const jobs: Job[] = []
    for (const body of decision.events) {
      const place = { service, rollout, version: (state?.version ?? 0) + 1 }
      const event: Event = { ...body, ...place, v: schemaVersion, at: command.at, command: command.id }
      state = evolve(state, event)
      fresh.push(event)
      jobs.push(...effects(event, state))
    }
    events.push(...fresh)
    return { command, before, after: state, events: fresh, jobs, refusal: null }
  }

  const drive: Drive = {
    holds: {},
    get state() {
      if (state === null) throw new Error('not started')
      return state
    },
    get now() {
      return now
    },
    events,
    taken,
    wait(ms) {
      now += ms
    },
    say(want, by = isOutcome(want) ? slipway : requester, id = `command-${history.length}-${taken.length}`) {
      const done = take({ ...want, ...drive.holds, id, at: now, by })
      taken.push(done)
      return done
    },
  }
  return drive
}

function isOutcome(want: Wish | Outcome): boolean {
  return want.type === 'tick' || want.type.startsWith('record-')
}

/** The types of events, for short comparisons. */
export function types(events: readonly Event[]): readonly EventType[] {
  return events.map((e) => e.type)
}

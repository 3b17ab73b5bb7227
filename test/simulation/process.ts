import type { Clock } from '../../src/jobs/ports.ts'
import { createSharedClock, type SharedClock } from '../../src/shared-clock.ts'
import type { Faults } from './faults.ts'
import type { Random } from './random.ts'
import { enabled, type System } from './scenario.ts'
import type { Timeline } from './timeline.ts'
import type { Trace } from './trace.ts'

/** What the caller is told when there is no answer; `refused`: the call certainly had no effect. */
export type Failure = (refused: boolean) => Error

/** One call to a system outside, as a port makes it. */
export interface Call<T> {
  readonly system: System
  /** For the trace. */
  readonly name: string
  /** It changes nothing in Redis. */
  readonly reads?: boolean
  /** What it does to the system, in one instant; may throw what the system refuses with. */
  readonly act: () => T
  readonly failed: Failure
}

/**
 * One Slipway process. What it awaits are calls and waits of this: when it dies, none of them ever goes on; while it is frozen,
 * none does until it thaws.
 */
export interface SimulatedProcess {
  readonly name: string
  readonly index: number
  readonly clock: Clock
  /** Its clock as it follows Redis; null where all have the true time. */
  readonly shared: SharedClock | null
  /** Has that clock heard Redis? */
  heard(): boolean
  isAlive(): boolean
  isAwake(): boolean
  /** Does this system answer it at this moment? */
  reaches(system: System): boolean
  call<T>(call: Call<T>): Promise<T>
  die(): void
  freeze(ms: number): void
}

/** How long a caller waits for an answer, in ms: the time limits of the real adapters. */
const patience: Readonly<Record<System, number>> = {
  redis: 1_000,
  slack: 5_000,
  cluster: 2_000,
  prometheus: 3_000,
  pagerduty: 5_000,
}

/** The longest that a call takes when nothing is wrong, in ms. */
const latency: Readonly<Record<System, number>> = { redis: 3, slack: 200, cluster: 15, prometheus: 30, pagerduty: 300 }

/** What a wait that is called off rejects with: made once, for it is made often. */
const givenUp = new Error('called off')

function atOnce<T>(act: () => T): Promise<T> {
  try {
    return Promise.resolve(act())
  } catch (error) {
    return Promise.reject(error)
  }
}

interface Surroundings {
  readonly timeline: Timeline
  readonly random: Random
  readonly faults: Faults
  readonly trace: Trace
  readonly name: string
  readonly index: number
  /** ms by which its machine's clock is off, and Redis' one at this moment; null where all have the true time. */
  readonly clocks: { readonly machine: number; readonly redis: () => number } | null
  readonly onDeath: () => void
}

export function createProcess(surroundings: Surroundings): SimulatedProcess {
  const { timeline, random, faults, trace, name, index, clocks, onDeath } = surroundings
  let alive = true
  let frozenUntil = 0
  /** A connection carries its commands in order: behind one that is held up, all of them are. */
  let redisFreeAt = 0

  /** Goes on as soon as the process can; never when it is dead. */
  function whenAwake(goOn: () => void): void {
    if (!alive) return
    if (frozenUntil > timeline.now) timeline.after(frozenUntil - timeline.now, () => whenAwake(goOn))
    else goOn()
  }

  function die(): void {
    if (!alive) return
    alive = false
    onDeath()
  }

  function freeze(ms: number): void {
    frozenUntil = Math.max(frozenUntil, timeline.now + ms)
  }

  function call<T>(wanted: Call<T>): Promise<T> {
    if (!alive) return new Promise<T>(() => undefined)
    const fault = faults.ofCall(wanted.system, index, wanted.reads ?? false)
    // Redis answers most calls before anything else can happen.
    if (fault === null && wanted.system === 'redis' && redisFreeAt <= timeline.now && random.chance(0.8)) {
      return atOnce(wanted.act)
    }
    return overTime(wanted, fault)
  }

  function overTime<T>({ system, name: what, act, failed }: Call<T>, fault: ReturnType<Faults['ofCall']>): Promise<T> {
    const usual = () => 1 + Math.floor(random.next() * latency[system])
    return new Promise<T>((resolve, reject) => {
      const fail = () => {
        trace(() => `${name} ${system} ${what}: ${fault}`)
        whenAwake(() => reject(failed(fault === 'refused')))
      }
      const perform = (then: (answer: () => void) => void) => {
        try {
          const result = act()
          then(() => resolve(result))
        } catch (error) {
          then(() => reject(error))
        }
      }
      const { after } = timeline
      switch (fault) {
        case null: {
          const delay = system === 'redis' ? Math.max(redisFreeAt - timeline.now, usual()) : usual()
          if (delay <= patience[system]) return after(delay, () => perform(whenAwake))
          after(delay, () => perform(() => undefined))
          return after(patience[system], fail)
        }
        case 'refused':
          return after(usual(), fail)
        case 'away':
          return after(patience[system], fail)
        case 'lost':
          return after(usual(), () => perform(() => after(usual(), fail)))
        case 'hung':
          after(usual(), () => perform(() => undefined))
          return after(patience[system], fail)
        case 'late': {
          const delay = patience[system] + random.int(1, 5_000)
          if (system === 'redis') redisFreeAt = Math.max(redisFreeAt, timeline.now + delay)
          after(delay, () => perform(() => undefined))
          return after(patience[system], fail)
        }
        case 'slow': {
          const half = Math.floor((patience[system] - 50) / 2)
          return after(random.int(1, half), () =>
            perform((answer) => after(random.int(1, half), () => whenAwake(answer))),
          )
        }
        case 'stall':
          return after(usual(), () =>
            perform((answer) => {
              const ms = random.int(1, random.pick(enabled.longStall ? [5, 20, 70] : [2, 8, 15])) * 1_000
              trace(() => `${name} freezes for ${ms} ms after ${system} ${what}`)
              freeze(ms)
              whenAwake(answer)
            }),
          )
        case 'crash-before':
          trace(() => `${name} dies before ${system} ${what}`)
          return die()
        case 'crash-after':
          return after(usual(), () =>
            perform(() => {
              trace(() => `${name} dies after ${system} ${what}`)
              die()
            }),
          )
      }
    })
  }

  let heard = false
  const shared =
    clocks === null
      ? null
      : createSharedClock({
          ask: () =>
            call({
              system: 'redis',
              name: 'time',
              reads: true,
              act: () => timeline.now + clocks.redis(),
              failed: () => givenUp,
            }),
          monotonic: () => timeline.now,
          wall: () => timeline.now + clocks.machine,
        })

  return {
    name,
    index,
    shared: shared && {
      ...shared,
      async sync() {
        const ahead = await shared.sync()
        heard ||= ahead !== null
        return ahead
      },
    },
    heard: () => heard,
    clock: {
      now: shared?.now ?? (() => timeline.now),
      wait: (ms, signal) =>
        new Promise((resolve, reject) => {
          const planned = timeline.after(ms, () => whenAwake(goOn))
          const giveUp = () => {
            planned.off = true
            reject(givenUp)
          }
          signal?.addEventListener('abort', giveUp)
          function goOn() {
            // One signal may see many waits.
            signal?.removeEventListener('abort', giveUp)
            resolve()
          }
        }),
    },
    isAlive: () => alive,
    isAwake: () => alive && frozenUntil <= timeline.now,
    reaches: (system) => !faults.isAway(system, index),
    call,
    die,
    freeze,
  }
}

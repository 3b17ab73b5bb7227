import { setTimeout as wait } from 'node:timers/promises'
import type { Lane } from './lane.ts'
import { type Fault, faultText, type Who } from './plan.ts'
import type { Slot } from './slot.ts'

/** How often what was done to Slipway and what it speaks to. */
export interface Tally {
  kills: number
  freezes: number
  /** By what a link did. */
  links: Record<'cut' | 'slow' | 'stall' | 'half', number>
  redisKills: number
  redisRefusals: number
  failovers: number
}

export const emptyTally = (): Tally => ({
  kills: 0,
  freezes: 0,
  links: { cut: 0, slow: 0, stall: 0, half: 0 },
  redisKills: 0,
  redisRefusals: 0,
  failovers: 0,
})

/** Makes faults on one lane, and ends them. */
export interface Injector {
  /** Returns once the fault is over, and what it hit stands again. */
  inject(fault: Fault): Promise<void>
}

export function createInjector(lane: Lane, tally: Tally, note: (what: string) => void): Injector {
  const { slots, set, world } = lane
  const slotsOf = (who: Who): readonly Slot[] => (who === 'both' ? [slots.a, slots.b] : [slots[who]])
  /** The fault that a link got last: one that is over ends no later one. */
  const newest = new Map<string, Fault>()
  /** One thing at a time for Redis and its servers. */
  let redisFree: Promise<void> = Promise.resolve()

  async function kill(slot: Slot, ms: number): Promise<void> {
    if (!(await slot.kill())) return
    tally.kills += 1
    await wait(ms)
    await slot.start()
    note(`${slot.name} is started again`)
  }

  async function freeze(slot: Slot, ms: number): Promise<void> {
    tally.freezes += 1
    slot.freeze()
    await wait(ms)
    slot.thaw()
    note(`${slot.name} goes on`)
  }

  async function link(slot: Slot, fault: Extract<Fault, { kind: 'link' }>): Promise<void> {
    const name = `${slot.name} ${fault.target}`
    tally.links[fault.fault.kind] += 1
    newest.set(name, fault)
    slot.links.setFault(fault.target, fault.fault)
    await wait(fault.for)
    if (newest.get(name) !== fault) return
    slot.links.setFault(fault.target, null)
    note(`${fault.target} is as before for ${slot.name}`)
  }

  async function redis(fault: Fault): Promise<void> {
    if (fault.kind === 'redis-killed') {
      tally.redisKills += 1
      world.redis.kill('SIGKILL')
      await wait(fault.for)
      await world.redis.start()
    } else if (fault.kind === 'redis-refuses') {
      tally.redisRefusals += 1
      // As when it is full, or its disk is gone: it waits for replicas that there are none of.
      const wanted = (count: number) => lane.ask((redis) => redis.config('SET', 'min-replicas-to-write', count))
      await wanted(1)
      await wait(fault.for)
      await wanted(0)
    } else if (set !== null) {
      tally.failovers += 1
      await (fault.kind === 'failover' ? set.failOver() : set.killMaster())
      await wait(fault.for)
      await set.mend()
    }
    note('Redis stands again')
  }

  return {
    async inject(fault) {
      note(faultText(fault))
      switch (fault.kind) {
        case 'kill':
          await Promise.all(slotsOf(fault.who).map((slot) => kill(slot, fault.for)))
          break
        case 'freeze':
          await Promise.all(slotsOf(fault.who).map((slot) => freeze(slot, fault.for)))
          break
        case 'link':
          await Promise.all(slotsOf(fault.who).map((slot) => link(slot, fault)))
          break
        default:
          redisFree = redisFree.then(() => redis(fault))
          await redisFree
      }
    },
  }
}

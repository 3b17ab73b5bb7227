import type { Outside } from './outside.ts'
import { createProcess } from './process.ts'
import { redisOff } from './scenario.ts'
import { type Slipway, startSlipway } from './slipway.ts'

/** The processes of a run. */
export interface Fleet {
  /** Those that are alive. */
  readonly running: () => readonly Slipway[]
}

/** Starts the processes, lets them die and freeze by the scenario, and starts others in their place. */
export function createFleet(outside: Outside): Fleet {
  const { timeline, scenario, random, faults, trace } = outside
  const { clocks } = scenario
  const slots: (Slipway | null)[] = Array.from({ length: scenario.processes }, () => null)
  let made = 0

  function start(index: number): void {
    made += 1
    const name = `p${made}`
    trace(() => `${name} starts`)
    const process = createProcess({
      ...{ timeline, random, faults, trace, name, index },
      clocks: clocks && {
        machine: clocks.machines[index] ?? 0,
        redis: () => redisOff(clocks, timeline.now - outside.began),
      },
      onDeath() {
        trace(() => `${name} is dead`)
        slots[index] = null
        timeline.after(random.int(500, 12_000), () => start(index))
      },
    })
    slots[index] = startSlipway(process, outside)
  }

  for (const index of slots.keys()) start(index)
  for (const { process: index, from, to, how } of scenario.absences) {
    timeline.after(from, () => {
      const slipway = slots[index]
      if (slipway === null || slipway === undefined) return
      faults.meet(`process ${how}`)
      if (how === 'dies') return slipway.process.die()
      trace(() => `${slipway.process.name} freezes for ${to - from} ms`)
      slipway.process.freeze(to - from)
    })
  }
  return { running: () => slots.filter((s) => s !== null) }
}

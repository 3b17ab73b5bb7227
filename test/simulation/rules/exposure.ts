import type { Sample } from '../../../src/jobs/ports.ts'
import { config } from '../spec.ts'
import type { Scene } from './scene.ts'

/** Counts for how long something has lain open while Slipway was able to do something about it. */
export interface Exposure {
  /** Takes the time since the last step into account; `open` says how it is now. Returns the ms that count. */
  pass(open: boolean): number
  readonly total: number
  answered(process: string, asked: number, promql: string, sample: Sample): void
}

const { interval } = config.release

/**
 * Able is Slipway while one process has been alive and awake for a while and reaches the cluster and Prometheus, and either
 * Redis too, or it knows the rollout. A look that was spoilt by a failing call costs an interval.
 */
export function createExposure({ outside, fleet }: Scene): Exposure {
  const { timeline, redis, faults, api } = outside
  let last = timeline.now
  let total = 0

  function isAble(): boolean {
    const able = fleet.running().some(({ process, rollouts }) => {
      if (!process.isAwake() || !process.reaches('cluster') || !process.reaches('prometheus')) return false
      return process.reaches('redis') || rollouts.known().some((s) => s.rollout === redis.data.latest && s.weight > 0)
    })
    if (!able || faults.isGone('cluster') || faults.isGone('prometheus')) return false
    const stable = api.route.mark?.stable ?? 'blue'
    return api.readyPods(stable) > 0
  }

  return {
    get total() {
      return total
    },
    answered(_process, _asked, _promql, sample) {
      if ('missing' in sample) total = Math.max(0, total - interval)
    },
    pass(open) {
      const passed = timeline.now - last
      last = timeline.now
      if (!open) total = 0
      else if (passed > 0 && isAble()) total += passed
      return total
    },
  }
}

import { latencyBounds, meanLatency, sharesWithin } from './latency.ts'

/** A healthy release fails this share of its requests. */
const healthyErrors = 0.0002
/** A healthy release fails so few workflows that none is seen in a day. */
const healthyWorkflowErrors = 1e-7

/** What happened to one track in a step. */
export interface TrackStep {
  /** Requests answered by the service itself. */
  readonly answered: number
  /** Requests its pods turned away because they had no room. */
  readonly turnedAway: number
  readonly workflows: number
  /** Shares that fail beyond those that always do. */
  readonly failingRequests: number
  readonly failingWorkflows: number
  /** The share of workflows that somebody gives up before their end. */
  readonly givenUpWorkflows: number
  /** How many times slower than healthy. */
  readonly slowdown: number
  readonly cpu: number
  readonly memory: number
}

/**
 * What one track's pods tell about themselves: counters since the pods came up, and gauges. The simulated traffic is
 * a fluid: errors, latencies and workflows grow by what is to be expected of so many requests, in fractions, so that
 * a small canary is not judged by the luck of single requests.
 */
export class TrackFigures {
  readonly codes: Record<'200' | '500' | '503', number> = { '200': 0, '500': 0, '503': 0 }
  /** Requests within each of `latencyBounds`. */
  readonly within: number[] = latencyBounds.map(() => 0)
  latencySum = 0
  readonly workflows: Record<'success' | 'error' | 'given-up', number> = { success: 0, error: 0, 'given-up': 0 }
  cpu = 0
  memory = 0

  add(step: TrackStep): void {
    const errors = step.answered * Math.max(healthyErrors, step.failingRequests)
    this.codes['200'] += step.answered - errors
    this.codes['500'] += errors
    this.codes['503'] += step.turnedAway
    for (const [index, share] of sharesWithin(step.slowdown).entries()) {
      this.within[index] = (this.within[index] ?? 0) + share * step.answered
    }
    this.latencySum += step.answered * meanLatency(step.slowdown)
    const failed = step.workflows * Math.max(healthyWorkflowErrors, step.failingWorkflows)
    const givenUp = step.workflows * step.givenUpWorkflows
    this.workflows.success += step.workflows - failed - givenUp
    this.workflows.error += failed
    this.workflows['given-up'] += givenUp
    this.cpu = step.cpu
    this.memory = step.memory
  }

  /** Counts workflows that were lost with a pod. */
  fail(workflows: number): void {
    this.workflows.error += workflows
  }
}

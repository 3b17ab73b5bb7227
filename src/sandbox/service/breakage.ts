import type { Track } from '../../rollout/plan.ts'

/** What can be broken in one track of the simulated service: named after the metric, or the check of readiness, that shows it. */
export const trackBreakages = [
  'error-rate',
  'p95',
  'workflow-success',
  'workflow-errors',
  'cpu',
  'memory',
  'pods-ready',
  'no-data',
  'counter-reset',
] as const

/** What can be broken in the service as a whole, wherever the release is. */
export const serviceBreakages = [
  'throughput',
  'agents-available',
  'agents-failed',
  'agents-compatible',
  'workflows-stuck',
  'data-consistency',
  'backup-recent',
  'restore-tested',
] as const

export const breakages = [...trackBreakages, ...serviceBreakages] as const
export type Breakage = (typeof breakages)[number]

/** Where it is broken. `canary` is the track that the latest release went to, or would go to. */
export const breakagePlaces = ['canary', 'stable', 'both'] as const
export type BreakagePlace = (typeof breakagePlaces)[number]

/** How far each breakage goes: clearly beyond what the first users asked for. */
export const broken = {
  /** Share of requests that end in a server error. */
  errors: 0.02,
  /** How many times slower a request becomes. */
  slowdown: 10,
  /** Share of the requests that stay away. */
  fewerRequests: 0.35,
  /** Agents that stop without having failed, and agents that fail. */
  agentsStopped: 4,
  agentsFailed: 9,
  /** Agents of a version that goes with no other, and that version. */
  agentsOld: 3,
  oldVersion: '3.9.4',
  /** Workflows that hang. */
  workflowsStuck: 2,
  /** How old the last backup and the last restore test are, in hours. */
  backupAge: 72,
  restoreAge: 60 * 24,
  /** Shares of workflows that are given up, and that end in an error. */
  givenUp: 0.06,
  failed: 0.5,
  /** Share of the data that contradicts itself. */
  inconsistent: 0.004,
  /** Share of the CPU in use. */
  cpu: 0.97,
  /** Share of the memory in use. */
  memory: 0.985,
  /** Share of the pods that are gone. */
  podsGone: 0.5,
} as const

const percent = (share: number) => `${Number((share * 100).toFixed(1))} %`

/** What a breakage does, for people: completes "Broke error-rate in the canary (green): …". */
export const breakageEffects: Readonly<Record<Breakage, string>> = {
  'error-rate': `${percent(broken.errors)} of its requests fail`,
  p95: `its requests take ${broken.slowdown} times as long`,
  throughput: `${percent(broken.fewerRequests)} of the requests stay away`,
  'agents-available': `${broken.agentsStopped} agents stop without having failed`,
  'agents-failed': `${broken.agentsFailed} agents fail`,
  'agents-compatible': `${broken.agentsOld} agents are of version ${broken.oldVersion}`,
  'workflows-stuck': `${broken.workflowsStuck} workflows hang`,
  'backup-recent': `the last backup is ${broken.backupAge / 24} days old`,
  'restore-tested': `restoring was tested ${broken.restoreAge / 24} days ago for the last time`,
  'workflow-success': `${percent(broken.givenUp)} of its workflows are given up, without an error`,
  'workflow-errors': `${percent(broken.failed)} of its workflows end in an error`,
  'data-consistency': `${percent(broken.inconsistent)} of the data contradicts itself`,
  cpu: `it uses ${percent(broken.cpu)} of its CPU`,
  memory: `it uses ${percent(broken.memory)} of its memory`,
  'pods-ready': 'half of its pods crash, and what they were working on is lost',
  'no-data': 'it goes on serving, but tells nothing about itself',
  'counter-reset': 'its counters start from 0 again, as after a restart; nothing else is wrong',
}

export function isOfService(what: Breakage): boolean {
  return serviceBreakages.some((one) => one === what)
}

/** Something that is broken at present. */
export interface Broken {
  readonly what: Breakage
  /** The tracks that are hit; both where it is the whole service. */
  readonly tracks: readonly Track[]
  /** How far it has come, from 0 to 1. */
  readonly level: number
}

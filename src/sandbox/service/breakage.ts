import type { Track } from '../../rollout/plan.ts'

/** What can be broken in the simulated service. */
export const breakages = ['error-rate', 'latency', 'agents', 'workflows', 'cpu', 'memory', 'pods'] as const
export type Breakage = (typeof breakages)[number]

/** Where it is broken. `canary` is the track that the latest release went to, or would go to. */
export const breakagePlaces = ['canary', 'stable', 'both'] as const
export type BreakagePlace = (typeof breakagePlaces)[number]

/** How far each breakage goes: clearly beyond the limit that the first users asked for. */
export const broken = {
  /** Share of requests that end in a server error. */
  errors: 0.02,
  /** How many times slower a request becomes. */
  slowdown: 10,
  /** Agents of the service that fail. */
  agents: 9,
  /** Share of workflows that end in an error. */
  workflows: 0.5,
  /** Share of the CPU in use. */
  cpu: 0.97,
  /** Share of the memory in use. */
  memory: 0.985,
} as const

const percent = (share: number) => `${Number((share * 100).toFixed(1))} %`

/** What a breakage does, for people: completes "Broke error-rate in the canary (green): …". */
export const breakageEffects: Readonly<Record<Breakage, string>> = {
  'error-rate': `${percent(broken.errors)} of its requests fail.`,
  latency: `its requests take ${broken.slowdown} times as long.`,
  agents: `${broken.agents} agents of the service fail.`,
  workflows: `${percent(broken.workflows)} of its workflows end in an error.`,
  cpu: `it uses ${percent(broken.cpu)} of its CPU.`,
  memory: `it uses ${percent(broken.memory)} of its memory.`,
  pods: 'half of its pods are not ready.',
}

/** What is broken at present, by track. */
export type Breakages = Readonly<Record<Track, ReadonlySet<Breakage>>>

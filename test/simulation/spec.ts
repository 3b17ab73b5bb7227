import { fileURLToPath } from 'node:url'
import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Metric, Phase, Threshold } from '../../src/rollout/plan.ts'

const configured = await loadConfig(fileURLToPath(new URL('../../deployment-config.yaml', import.meta.url)))

const { missing } = configured.release.metrics[0] ?? {}
if (missing === undefined || Object.values(missing).some((outcome) => outcome !== 'hold'))
  throw new Error('the simulation expects that a missing number holds')

const threshold = (op: Threshold['op'], value: number): Threshold => ({ op, value, text: `${op} ${value}` })

const common = { group: 'performance', unit: 'ratio', window: 20_000, confirm: 2, missing } as const

/** Few metrics, one of each kind that is treated in a way of its own. What they are named is what the service model answers by. */
const metrics: readonly Metric[] = [
  {
    ...common,
    name: 'errors',
    title: 'Error rate',
    scope: 'canary',
    query: 'errors{$canary}[$window]',
    target: threshold('<', 0.01),
    limit: threshold('>', 0.05),
    minRequests: 200,
  },
  {
    ...common,
    name: 'slower',
    title: 'Slower than stable',
    scope: 'compare',
    query: 'slower{$canary,$stable}[$window]',
    limit: threshold('>', 2),
    confirm: 3,
  },
  {
    ...common,
    name: 'agents',
    title: 'Agents failed',
    scope: 'service',
    unit: 'count',
    query: 'agents{}[$window]',
    limit: threshold('>', 5),
  },
]

const phase = (number: number, weight: number, roles: readonly string[], more: Partial<Phase> = {}): Phase => ({
  number,
  name: `Phase ${number}`,
  proves: 'it works',
  weight,
  soak: 30_000,
  roles,
  requesterMaySign: true,
  fullSize: false,
  ...more,
})

/** Phases of a kind each: a first one with a little traffic, one between, the last one with all of it. */
function phasesTo(weights: readonly number[]): readonly Phase[] {
  return weights.map((weight, i) => {
    if (weight === 100)
      return phase(i + 1, weight, ['commander', 'quality-lead'], {
        fullSize: true,
        requesterMaySign: false,
        checkpoints: [
          { text: 'It works', role: 'sre' },
          { text: 'It looks right', role: 'devops' },
        ],
      })
    if (weight < 50) return phase(i + 1, weight, ['commander', 'sre'])
    return phase(i + 1, weight, ['devops', 'sre', 'sre'], { fullSize: true })
  })
}

/** A second SRE, who may also sign as commander. */
export const deputy = 'U000DEPUTY'

function withDeputy(role: string): Config['roles'] {
  const { title = role, users = [], groups = [] } = configured.roles[role] ?? {}
  return { [role]: { title, users: [...users, deputy], groups } }
}

/** The release team's own configuration with a release so short that it takes about five minutes. */
export const config: Config = {
  ...configured,
  roles: { ...configured.roles, ...withDeputy('sre'), ...withDeputy('commander') },
  release: {
    ...configured.release,
    interval: 10_000,
    staleAfter: 20_000,
    readyWithin: 60_000,
    signOffExpires: 120_000,
    signOffOpens: 20_000,
    rollbackWindow: 20_000,
    pageAfter: 60_000,
    maxHold: 180_000,
    resolveAfter: 30_000,
    requestsQuery: 'requests{$track}[$window]',
    convergesWithin: 40_000,
    convergencePause: 50_000,
    metrics,
    phases: phasesTo([5, 50, 100]),
  },
}

/** The same with phases that give the canary these weights, the last of them everything. */
export function configFor(weights: readonly number[]): Config {
  return { ...config, release: { ...config.release, phases: phasesTo(weights) } }
}

/** Pods of stable at the beginning. */
export const stableSize = 4

/** 1 July 2026, 03:00 UTC: releases go out at night. */
export const began = Date.UTC(2026, 6, 1, 3)

import { describe, expect, it } from 'vitest'
import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load.ts'

const minutes = (count: number) => count * 60_000
const config = await loadConfig('deployment-config.yaml')
const { phases, metrics } = config.release

/** Is every object in it frozen? */
function frozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return Object.isFrozen(value) && Object.values(value).every(frozen)
}

describe('the shipped configuration has the figures that the release team asked for', () => {
  it('phases: weights, soaks, signers', () => {
    const rows = phases.map(({ number, weight, soak, roles, requesterMaySign, fullSize }) => {
      return [number, weight, soak / minutes(1), roles.join('+'), requesterMaySign, fullSize]
    })
    expect(rows).toEqual([
      [1, 5, 30, 'commander+sre', true, false],
      [2, 20, 45, 'technical-lead+sre', true, false],
      [3, 50, 30, 'devops+sre', true, true],
      [4, 100, 15, 'commander+quality-lead', false, false],
    ])
  })

  it('two hours in all', () => {
    expect(phases.reduce((sum, phase) => sum + phase.soak, 0)).toBe(minutes(120))
  })

  it('metrics: scope, target, limit, readings that confirm', () => {
    const rows = metrics.map(({ name, group, scope, unit, target, limit, confirm }) => {
      const sides = [target, limit].map((side) => (side === undefined ? '–' : `${side.op} ${side.value}`))
      return [name, group, scope, unit, ...sides, limit === undefined ? '–' : confirm]
    })
    expect(rows).toEqual([
      ['error-rate', 'performance', 'canary', 'ratio', '< 0.001', '> 0.005', 3],
      ['p95', 'performance', 'canary', 'milliseconds', '< 500', '> 1000', 3],
      ['throughput', 'performance', 'service', 'per-second', '>= 1000', '–', '–'],
      ['agents-available', 'function', 'service', 'count', '>= 60', '–', '–'],
      ['agents-failed', 'function', 'service', 'count', '–', '> 5', 3],
      ['workflow-success', 'function', 'canary', 'ratio', '>= 0.98', '–', '–'],
      ['workflow-errors', 'function', 'canary', 'count', '–', '> 10', 3],
      ['data-consistency', 'function', 'service', 'ratio', '>= 1', '–', '–'],
      ['cpu', 'infrastructure', 'canary', 'ratio', '< 0.8', '> 0.9', 6],
      ['memory', 'infrastructure', 'canary', 'ratio', '< 0.85', '> 0.95', 6],
      ['pods-ready', 'infrastructure', 'canary', 'ratio', '>= 0.95', '–', '–'],
    ])
  })

  it('thresholds keep the notation for people', () => {
    expect(metrics[0]?.target).toEqual({ op: '<', value: 0.001, text: '< 0.1%' })
  })

  it('workflow errors are counted since the phase began', () => {
    expect(metrics.find(({ name }) => name === 'workflow-errors')?.window).toBe('phase')
  })

  it('no number is ever a good number: every reason holds', () => {
    expect(new Set(metrics.flatMap(({ missing }) => Object.values(missing)))).toEqual(new Set(['hold']))
    expect(metrics.map(({ missing }) => Object.keys(missing).length)).toEqual(metrics.map(() => 6))
  })

  it('durations and sizes', () => {
    const { phases: _phases, metrics: _metrics, requestsQuery: _query, ...figures } = config.release
    expect(figures).toEqual({
      interval: 10_000,
      staleAfter: minutes(1),
      convergesWithin: minutes(3),
      convergencePause: minutes(5),
      queryErrors: 3,
      headroom: 1.5,
      readyWithin: minutes(10),
      signOffExpires: minutes(30),
      signOffOpens: minutes(10),
      decides: 'commander',
      rollbackWindow: minutes(30),
      pageAfter: minutes(15),
      maxHold: minutes(60),
      resolveAfter: minutes(5),
    })
    expect(config.readiness).toMatchObject({ validFor: minutes(30), timeout: 10_000 })
  })

  it('where it runs', () => {
    expect(config.cluster).toEqual({
      namespace: 'claude-enhancer',
      container: 'claude-enhancer',
      traffic: { kind: 'virtual-service', name: 'claude-enhancer', route: 'primary' },
      tracks: {
        blue: { deployment: 'claude-enhancer-blue', destination: { host: 'claude-enhancer', subset: 'blue' } },
        green: { deployment: 'claude-enhancer-green', destination: { host: 'claude-enhancer', subset: 'green' } },
      },
      readyShare: 0.8,
      scaleFirst: 20_000,
      timeout: 2_000,
    } satisfies Config['cluster'])
  })

  it('who releases where', () => {
    expect(config.service).toBe('claude-enhancer')
    expect(config.slack.channel).toBe('#claude-enhancer-5-1-deployment')
    expect(Object.entries(config.roles).map(([role, { title }]) => [role, title])).toEqual([
      ['commander', 'Deployment commander'],
      ['technical-lead', 'Technical lead'],
      ['sre', 'SRE'],
      ['devops', 'DevOps'],
      ['quality-lead', 'Quality lead'],
    ])
  })

  it('is frozen throughout', () => expect(frozen(config)).toBe(true))
})

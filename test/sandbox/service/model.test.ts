import { describe, expect, test } from 'vitest'
import { type Breakage, breakages } from '../../../src/sandbox/service/breakage.ts'
import { serviceExposition, trackExposition } from '../../../src/sandbox/service/exposition.ts'
import { latencyBounds } from '../../../src/sandbox/service/latency.ts'
import { podCapacity, ServiceModel, type Surroundings } from '../../../src/sandbox/service/model.ts'
import { seededRandom } from '../../../src/sandbox/service/random.ts'
import type { TrackFigures } from '../../../src/sandbox/service/track-figures.ts'

const stableSize = 6
const images = { blue: 'app:1', green: 'app:1' }

function surroundings(canaryWeight: number, canaryPods: number, stablePods = stableSize): Surroundings {
  return {
    weights: { blue: 100 - canaryWeight, green: canaryWeight },
    ready: { blue: stablePods, green: canaryPods },
    wanted: { blue: stablePods, green: canaryPods },
    images,
  }
}

/** Steps of 100 ms; after each second the callback sees the model. */
function run(model: ServiceModel, seconds: number, each: (second: number) => void = () => {}): void {
  for (let second = 1; second <= seconds; second++) {
    for (let step = 0; step < 10; step++) model.step(0.1)
    each(second)
  }
}

interface Scrape {
  readonly requests: number
  readonly failed: number
  readonly within: readonly number[]
  readonly workflows: number
  readonly workflowErrors: number
  readonly cpu: number
  readonly memory: number
}

function scrape({ codes, within, workflows, cpu, memory }: TrackFigures): Scrape {
  const requests = codes['200'] + codes['500'] + codes['503']
  return {
    requests,
    failed: codes['500'] + codes['503'],
    within: [...within],
    workflows: workflows.success + workflows.error,
    workflowErrors: workflows.error,
    cpu,
    memory,
  }
}

/** The 95th percentile in ms as histogram_quantile gives it. */
function p95(from: Scrape, to: Scrape): number {
  const counts = to.within.map((count, index) => count - (from.within[index] ?? 0))
  const rank = 0.95 * (counts.at(-1) ?? 0)
  const bucket = counts.findIndex((count) => count >= rank)
  const [low, high] = [latencyBounds[bucket - 1] ?? 0, latencyBounds[bucket] ?? 0]
  const [below, upTo] = [counts[bucket - 1] ?? 0, counts[bucket] ?? 0]
  return 1_000 * (low + (high - low) * ((rank - below) / (upTo - below)))
}

const window = 5

/** The figures over the last five seconds, second by second. */
function canaryWindows(model: ServiceModel, seconds: number) {
  const scrapes: Scrape[] = []
  const windows: { errors: number; p95: number; throughput: number; workflows: number; cpu: number; memory: number }[] =
    []
  run(model, seconds, () => {
    const figures = model.figures('green')
    if (figures === null) throw new Error('The canary has no pods.')
    const to = scrape(figures)
    scrapes.push(to)
    const from = scrapes.at(-1 - window)
    if (from === undefined) return
    windows.push({
      errors: (to.failed - from.failed) / (to.requests - from.requests),
      p95: p95(from, to),
      throughput: (to.requests - from.requests) / window,
      workflows: 1 - (to.workflowErrors - from.workflowErrors) / (to.workflows - from.workflows),
      cpu: to.cpu,
      memory: to.memory,
    })
  })
  return windows
}

describe('a healthy release', () => {
  const canaries = [
    { weight: 5, pods: 1 },
    { weight: 20, pods: 2 },
    { weight: 50, pods: stableSize },
    { weight: 100, pods: stableSize },
  ]
  test.each(canaries)('meets every target in every window at $weight %', ({ weight, pods }) => {
    for (let seed = 1; seed <= 20; seed++) {
      const model = new ServiceModel(seededRandom(seed), surroundings(weight, pods))
      const windows = canaryWindows(model, 120)
      expect(windows).toHaveLength(115)
      for (const figures of windows) {
        expect(figures.errors).toBeLessThan(0.0005)
        expect(figures.p95).toBeLessThan(300)
        expect(figures.workflows).toBeGreaterThan(0.999)
        expect(figures.cpu).toBeLessThan(0.7)
        expect(figures.memory).toBeLessThan(0.7)
        expect(figures.throughput).toBeGreaterThan((1_150 * weight) / 100)
        expect(figures.throughput).toBeLessThan((1_250 * weight) / 100)
      }
      expect(model.figures('green')?.workflows.error).toBeLessThan(0.1)
      expect(model.agents()).toEqual({ available: 61, failed: 0 })
      expect([model.requests('blue').lost, model.requests('green').lost]).toEqual([0, 0])
    }
  })

  test('does as many workflows as its share of the pods, whatever its weight', () => {
    const model = new ServiceModel(seededRandom(1), surroundings(0, 2))
    run(model, 10)
    expect(model.figures('green')?.workflows.success).toBeCloseTo(10 * 60 * (2 / 8), 1)
    expect(model.figures('green')?.codes['200']).toBe(0)
  })
})

describe('requests', () => {
  test('are each counted once, served while there is room', () => {
    const model = new ServiceModel(seededRandom(7), surroundings(20, 2))
    run(model, 60)
    const blue = model.requests('blue')
    const green = model.requests('green')
    expect(blue.lost + green.lost).toBe(0)
    expect(blue.served + green.served).toBeGreaterThan(60 * 1_150)
    expect(blue.served + green.served).toBeLessThan(60 * 1_250)
    expect(green.served / (blue.served + green.served)).toBeCloseTo(0.2, 3)
  })

  test('to a track without ready pods are lost, and its series vanish', () => {
    const model = new ServiceModel(seededRandom(7), surroundings(50, stableSize))
    run(model, 5)
    model.observe(surroundings(50, 0))
    run(model, 5)
    expect(model.requests('green').lost).toBeGreaterThan(5 * 550)
    expect(model.requests('blue').lost).toBe(0)
    expect(trackExposition(model, 'app', 'green')).toBe('')
  })

  test('beyond what the pods have room for are lost, and told as 503', () => {
    const model = new ServiceModel(seededRandom(7), surroundings(100, 1))
    run(model, 10)
    const { served, lost } = model.requests('green')
    expect(served).toBeLessThanOrEqual(10 * podCapacity)
    expect(served).toBeGreaterThan(9.5 * podCapacity)
    expect(lost).toBeGreaterThan(10 * (1_100 - podCapacity))
    expect(model.figures('green')?.codes['503']).toBe(lost)
  })

  test('are the same for the same seed', () => {
    const [first, second] = [1, 2].map(() => {
      const model = new ServiceModel(seededRandom(42), surroundings(20, 2))
      run(model, 5)
      return trackExposition(model, 'app', 'green')
    })
    expect(first).toBe(second)
  })
})

describe('a breakage', () => {
  const limits: Readonly<Record<Exclude<Breakage, 'pods' | 'agents'>, (f: ReturnType<typeof figuresOf>) => boolean>> = {
    'error-rate': (figures) => figures.errors > 0.015,
    latency: (figures) => figures.p95 > 1_500,
    workflows: (figures) => figures.workflowErrors > 10,
    cpu: (figures) => figures.cpu > 0.95,
    memory: (figures) => figures.memory > 0.97,
  }
  function figuresOf(from: Scrape, to: Scrape) {
    return {
      errors: (to.failed - from.failed) / (to.requests - from.requests),
      p95: p95(from, to),
      workflowErrors: to.workflowErrors - from.workflowErrors,
      cpu: to.cpu,
      memory: to.memory,
    }
  }
  function now(model: ServiceModel): Scrape {
    const figures = model.figures('green')
    if (figures === null) throw new Error('The canary has no pods.')
    return scrape(figures)
  }

  test.each(Object.entries(limits))('%s goes beyond its limit within seconds, alone', (what, isBeyond) => {
    const model = new ServiceModel(seededRandom(3), surroundings(5, 1))
    run(model, 10)
    const wanted = breakages.find((one) => one === what)
    if (wanted === undefined) throw new Error(what)
    expect(model.break(wanted, 'canary')).toEqual(['green'])
    const before = now(model)
    run(model, 8)
    const figures = figuresOf(before, now(model))
    expect(isBeyond(figures)).toBe(true)
    const others = Object.entries(limits).filter(([name]) => name !== what)
    expect(others.filter(([, check]) => check(figures)).map(([name]) => name)).toEqual([])
    expect(model.figures('blue')?.cpu).toBeLessThan(0.8)
  })

  test('of the agents fails more than five of 61', () => {
    const model = new ServiceModel(seededRandom(3), surroundings(5, 1))
    model.break('agents', 'canary')
    expect(model.agents()).toEqual({ available: 52, failed: 9 })
    model.heal()
    expect(model.agents()).toEqual({ available: 61, failed: 0 })
  })

  test('of the pods leaves half of them ready', () => {
    const model = new ServiceModel(seededRandom(3), surroundings(50, stableSize))
    model.break('pods', 'canary')
    const shown = serviceExposition(model, 'app', { blue: 'app-blue', green: 'app-green' })
    expect(shown).toContain('kube_deployment_status_replicas_ready{service="app",deployment="app-green"} 3\n')
    expect(shown).toContain('kube_deployment_spec_replicas{service="app",deployment="app-green"} 6\n')
    expect(shown).toContain('kube_deployment_status_replicas_ready{service="app",deployment="app-blue"} 6\n')
  })

  test('is gone after healing, which tells what was broken', () => {
    const model = new ServiceModel(seededRandom(3), surroundings(20, 2))
    model.break('error-rate', 'both')
    expect(model.heal()).toEqual({ blue: new Set(['error-rate']), green: new Set(['error-rate']) })
    expect(model.heal()).toEqual({ blue: new Set(), green: new Set() })
    const windows = canaryWindows(model, 20)
    expect(Math.max(...windows.map((figures) => figures.errors))).toBeLessThan(0.0005)
  })
})

describe('the canary', () => {
  test('is the track without traffic until a release goes somewhere', () => {
    expect(new ServiceModel(seededRandom(1), surroundings(0, 0)).canary()).toBe('green')
    expect(new ServiceModel(seededRandom(1), surroundings(100, 3, 0)).canary()).toBe('blue')
  })

  test('stays the track with the new image at full weight, until the other one is gone', () => {
    const model = new ServiceModel(seededRandom(1), surroundings(0, 0))
    const released = { ...images, green: 'app:2' }
    model.observe({ ...surroundings(100, stableSize), images: released })
    expect(model.canary()).toBe('green')
    model.observe({ ...surroundings(100, stableSize, 0), images: released })
    expect(model.canary()).toBe('blue')
  })

  test('is still the track with the new image after a rollback', () => {
    const model = new ServiceModel(seededRandom(1), surroundings(0, 0))
    model.observe({ ...surroundings(0, 0), images: { ...images, green: 'app:2' } })
    expect(model.canary()).toBe('green')
    expect(model.break('latency', 'stable')).toEqual(['blue'])
  })
})

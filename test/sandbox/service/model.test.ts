import { describe, expect, test } from 'vitest'
import { breakages, broken } from '../../../src/sandbox/service/breakage.ts'
import { serviceExposition, trackExposition } from '../../../src/sandbox/service/exposition.ts'
import { latencyBounds, sharesWithin } from '../../../src/sandbox/service/latency.ts'
import { requestRate } from '../../../src/sandbox/service/load.ts'
import { podCapacity, ServiceModel, type Surroundings } from '../../../src/sandbox/service/model.ts'
import { seededRandom } from '../../../src/sandbox/service/random.ts'
import type { TrackFigures } from '../../../src/sandbox/service/track-figures.ts'
import { Pods } from '../../../src/sandbox/service/warm-up.ts'
import { WorkflowQueue } from '../../../src/sandbox/service/workflows.ts'

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
  readonly workflowSuccess: number
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
    workflows: workflows.success + workflows.error + workflows['given-up'],
    workflowSuccess: workflows.success,
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
    for (let seed = 1; seed <= 10; seed++) {
      // Two minutes are a tenth of a day, from another hour each time.
      const model = new ServiceModel(seededRandom(seed), surroundings(weight, pods), 72)
      for (let left = seed; left > 0; left--) run(model, 120)
      const windows = canaryWindows(model, 120)
      expect(windows).toHaveLength(115)
      for (const figures of windows) {
        expect(figures.errors).toBeLessThan(0.0005)
        expect(figures.p95).toBeLessThan(300)
        expect(figures.workflows).toBeGreaterThan(0.999)
        expect(figures.cpu).toBeLessThan(0.7)
        expect(figures.memory).toBeLessThan(0.7)
        expect(figures.throughput).toBeGreaterThan((1_100 * weight) / 100)
        expect(figures.throughput).toBeLessThan((1_420 * weight) / 100)
      }
      expect(model.figures('green')?.workflows.error).toBeLessThan(0.1)
      expect(model.agents()).toEqual({ available: 61, failed: 0 })
      expect([model.requests('blue').lost, model.requests('green').lost]).toEqual([0, 0])
    }
  })

  test('does as many workflows as its share of the pods, whatever its weight', () => {
    const model = new ServiceModel(seededRandom(1), surroundings(0, 2))
    run(model, 10)
    const before = model.figures('green')?.workflows.success ?? 0
    run(model, 10)
    expect((model.figures('green')?.workflows.success ?? 0) - before).toBeCloseTo(10 * 60 * (2 / 8), 1)
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
    expect(blue.served + green.served).toBeGreaterThan(60 * 1_200)
    expect(blue.served + green.served).toBeLessThan(60 * 1_320)
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
  const deployments = { blue: 'app-blue', green: 'app-green' }
  function figuresOf(model: ServiceModel, from: Scrape) {
    const to = now(model)
    return {
      errors: (to.failed - from.failed) / (to.requests - from.requests),
      p95: p95(from, to),
      workflowErrors: to.workflowErrors - from.workflowErrors,
      workflowSuccess: (to.workflowSuccess - from.workflowSuccess) / (to.workflows - from.workflows),
      requests: to.requests - from.requests,
      cpu: to.cpu,
      memory: to.memory,
      agents: model.agents(),
      consistency: model.dataConsistency(),
      versions: [...model.agentsByVersion().keys()],
      stuck: model.workflowsStuck(),
      sinceBackup: model.sinceBackup(),
      sinceRestoreTest: model.sinceRestoreTest(),
      ready: model.readyPods('green') / model.wantedPods('green'),
    }
  }
  function now(model: ServiceModel): Scrape {
    const figures = model.figures('green')
    if (figures === null) throw new Error('The canary has no pods.')
    return scrape(figures)
  }
  const seconds = 8
  const canary = () => new ServiceModel(seededRandom(3), surroundings(20, 2))

  /** What goes beyond target or limit, for each breakage that shows in a figure. */
  const shows: Readonly<Record<string, (f: ReturnType<typeof figuresOf>) => boolean>> = {
    'error-rate': (f) => f.errors > 0.015,
    p95: (f) => f.p95 > 1_500,
    throughput: (f) => f.requests < 0.2 * 1_000 * seconds,
    'agents-available': (f) => f.agents.available < 60 && f.agents.failed === 0,
    'agents-failed': (f) => f.agents.failed > 5,
    'workflow-success': (f) => f.workflowSuccess < 0.95 && f.workflowErrors < 1,
    'workflow-errors': (f) => f.workflowErrors > 10,
    'agents-compatible': (f) => f.versions.includes(broken.oldVersion),
    'workflows-stuck': (f) => f.stuck > 0,
    'backup-recent': (f) => f.sinceBackup > 24 * 3_600,
    'restore-tested': (f) => f.sinceRestoreTest > 14 * 24 * 3_600,
    'data-consistency': (f) => f.consistency < 1,
    cpu: (f) => f.cpu > 0.95,
    memory: (f) => f.memory > 0.97,
    'pods-ready': (f) => f.ready === 0.5,
  }

  test('shows in a figure, each of them, but for lost data', () => {
    expect([...Object.keys(shows), 'no-data', 'counter-reset'].sort()).toEqual([...breakages].sort())
  })

  test.each(Object.keys(shows))('%s goes beyond within seconds, alone, and is mended', (name) => {
    const what = breakages.find((one) => one === name)
    if (what === undefined) throw new Error(name)
    const model = canary()
    run(model, 10)
    const seen = () => {
      const before = now(model)
      run(model, seconds)
      const figures = figuresOf(model, before)
      return Object.keys(shows).filter((one) => shows[one]?.(figures))
    }
    expect(seen()).toEqual([])
    expect(model.break(what, 'canary')).toContain('green')
    expect(seen()).toEqual([name])
    expect(model.figures('blue')?.cpu).toBeLessThan(0.8)
    expect(model.heal(what)).toMatchObject([{ what, level: 1 }])
    // Pods that come back are young for a while.
    run(model, 12)
    expect(seen()).toEqual([])
    expect(model.heal()).toEqual([])
  })

  test('may be in stable alone, or in both tracks', () => {
    const model = canary()
    expect(model.break('cpu', 'stable')).toEqual(['blue'])
    expect(model.break('memory', 'both')).toEqual(['blue', 'green'])
    run(model, 1)
    expect(model.figures('blue')).toMatchObject({ cpu: broken.cpu, memory: broken.memory })
    expect(model.figures('green')?.memory).toBe(broken.memory)
    expect(model.figures('green')?.cpu).toBeLessThan(0.8)
    expect(model.heal('cpu')).toEqual([{ what: 'cpu', tracks: ['blue'], level: 1 }])
    expect(model.broken()).toEqual([{ what: 'memory', tracks: ['blue', 'green'], level: 1 }])
  })

  test('may come gradually, at the pace of the model', () => {
    const model = new ServiceModel(seededRandom(3), surroundings(20, 2), 60)
    run(model, 1)
    model.break('error-rate', 'canary', true)
    const shares: number[] = []
    for (let quarter = 0; quarter < 5; quarter++) {
      const before = now(model)
      run(model, 5)
      shares.push(figuresOf(model, before).errors)
    }
    expect(shares).toEqual([...shares].sort((one, other) => one - other))
    expect(shares[0]).toBeLessThan(0.005)
    expect(shares.at(-1)).toBeCloseTo(broken.errors, 4)
    expect(model.broken()).toMatchObject([{ what: 'error-rate', level: 1 }])
  })

  test('of the counters lets them start from 0, and nothing else', () => {
    const model = canary()
    run(model, 60)
    expect(model.break('counter-reset', 'canary')).toEqual(['green'])
    expect(now(model)).toMatchObject({ requests: 0, workflows: 0 })
    expect(model.broken()).toEqual([])
    const before = now(model)
    run(model, seconds)
    const figures = figuresOf(model, before)
    expect(Object.keys(shows).filter((one) => shows[one]?.(figures))).toEqual([])
  })

  test('of the data lets a track tell nothing and serve on', () => {
    const model = canary()
    run(model, 5)
    model.break('no-data', 'canary')
    const { served } = model.requests('green')
    run(model, 5)
    expect(trackExposition(model, 'app', 'green')).toBe('')
    expect(trackExposition(model, 'app', 'blue')).not.toBe('')
    expect(model.requests('green').served).toBeGreaterThan(served + 900)
    model.heal()
    expect(trackExposition(model, 'app', 'green')).not.toBe('')
  })

  test('of the pods is told as kube-state-metrics would', () => {
    const model = new ServiceModel(seededRandom(3), surroundings(50, stableSize))
    model.break('pods-ready', 'canary')
    run(model, 1)
    const shown = serviceExposition(model, 'app', deployments, 1_000_000_000)
    expect(shown).toContain('kube_deployment_status_replicas_ready{service="app",deployment="app-green"} 3\n')
    expect(shown).toContain('kube_deployment_spec_replicas{service="app",deployment="app-green"} 6\n')
    expect(shown).toContain('kube_deployment_status_replicas_ready{service="app",deployment="app-blue"} 6\n')
  })
})

describe('load', () => {
  test('has the waves of a day', () => {
    const rates = Array.from({ length: 24 }, (_, hour) => requestRate(hour * 3_600, () => 0.5))
    expect(Math.max(...rates) / Math.min(...rates)).toBeCloseTo(1.08 / 0.92, 2)
    expect(requestRate(1_000, () => 0.5)).toBeCloseTo(
      requestRate(1_000 + 86_400, () => 0.5),
      6,
    )
    expect(Math.min(...rates) * 0.95).toBeGreaterThan(1_000)
  })
})

describe('latencies', () => {
  test('have a tail: the slowest of a hundred takes several times as long as most', () => {
    const shares = sharesWithin(1)
    const within = (bound: number) => shares[latencyBounds.indexOf(bound)] ?? 0
    expect(within(0.1)).toBeGreaterThan(0.5)
    expect(within(0.5)).toBeLessThan(0.9985)
    expect(within(2)).toBeGreaterThan(0.9999)
  })

  test('rise with the load', () => {
    const mean = (pods: number) => {
      const model = new ServiceModel(seededRandom(1), surroundings(100, pods))
      run(model, 60)
      const figures = model.figures('green')
      return (figures?.latencySum ?? 0) / (figures?.codes['200'] ?? 1)
    }
    expect(mean(5)).toBeGreaterThan(1.05 * mean(12))
  })
})

describe('a pod that has just started', () => {
  test('has less room and answers slower, until it is warm', () => {
    const pods = new Pods(0)
    pods.resize(2)
    expect([pods.room(), pods.slowdown()]).toEqual([1.6, 1.5])
    pods.pass(5)
    pods.resize(4)
    expect(pods.room()).toBeCloseTo(2 * 0.9 + 2 * 0.8, 6)
    pods.pass(10)
    expect([pods.room(), pods.slowdown()]).toEqual([4, 1])
    pods.resize(1)
    expect(pods.room()).toBe(1)
    pods.restart()
    expect(pods.room()).toBe(0.8)
  })

  test('loses no request while the canary grows from phase to phase', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const model = new ServiceModel(seededRandom(seed), surroundings(0, 0), 3_600)
      for (const [weight, pods] of [
        [5, 1],
        [20, 2],
        [50, 6],
        [100, 6],
      ] as const) {
        model.observe(surroundings(weight, pods))
        run(model, 15)
      }
      expect(model.requests('green')).toMatchObject({ lost: 0, workflowsLost: 0 })
      expect(model.requests('green').served).toBeGreaterThan(1_000)
    }
  })
})

describe('a release without a warm phase', () => {
  test('loses no request when the canary gets everything the moment its pods are ready, at any hour', () => {
    for (let seed = 1; seed <= 24; seed++) {
      const model = new ServiceModel(seededRandom(seed), surroundings(20, 2), 3_600)
      for (let hour = 0; hour < seed; hour++) model.step(1)
      model.observe(surroundings(100, stableSize))
      run(model, 5)
      expect(model.requests('green').lost).toBe(0)
    }
  })
})

describe('workflows in flight', () => {
  const inFlight = (model: ServiceModel) => model.workflowsInFlight('blue') + model.workflowsInFlight('green')

  test('are finished by a pod that drains', () => {
    const model = new ServiceModel(seededRandom(1), surroundings(20, 6))
    run(model, 5)
    expect(model.workflowsInFlight('green')).toBeGreaterThan(10)
    model.observe(surroundings(0, 0))
    run(model, 5)
    expect(model.requests('green').workflowsLost).toBe(0)
    expect(model.workflowsInFlight('green')).toBeLessThan(0.001)
  })

  test('are lost in part when pods crash, and told as errors by those that are left', () => {
    const model = new ServiceModel(seededRandom(1), surroundings(20, 6))
    run(model, 5)
    const before = model.workflowsInFlight('green')
    model.break('pods-ready', 'canary')
    model.step(0.1)
    expect(model.requests('green').workflowsLost).toBeCloseTo(before / 2, 1)
    expect(model.figures('green')?.workflows.error).toBeCloseTo(before / 2, 1)
    run(model, 5)
    expect(model.requests('green').workflowsLost).toBeCloseTo(before / 2, 1)
  })

  test('wait when there are too few agents, and are caught up with', () => {
    const queue = new WorkflowQueue()
    for (let step = 0; step < 100; step++) queue.step(6, { blue: 10, green: 0 }, 0.1)
    expect(queue.waiting).toBeGreaterThan(100)
    expect(queue.inFlight('blue')).toBeCloseTo(10, 1)
    let finished = 0
    for (let step = 0; step < 200; step++) finished += queue.step(6, { blue: 40, green: 21 }, 0.1).green
    expect(queue.waiting).toBe(0)
    expect(finished).toBeGreaterThan(300)
  })

  test('stay few in a healthy service', () => {
    const model = new ServiceModel(seededRandom(1), surroundings(20, 2))
    run(model, 60, () => {
      expect(model.workflowsWaiting()).toBe(0)
      expect(inFlight(model)).toBeLessThan(40)
    })
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
    expect(model.break('p95', 'stable')).toEqual(['blue'])
  })
})

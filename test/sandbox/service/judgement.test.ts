import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shift } from '../../../src/jobs/shift.ts'
import type { Event } from '../../../src/rollout/events.ts'
import type { RolloutSpec } from '../../../src/rollout/plan.ts'
import { type Breakage, type BreakagePlace, breakages } from '../../../src/sandbox/service/breakage.ts'
import { ServiceModel, type Surroundings } from '../../../src/sandbox/service/model.ts'
import { seededRandom } from '../../../src/sandbox/service/random.ts'
import { createFakeWorld, type FakeWorld } from '../../jobs/fake-world.ts'
import { look, nextPhase, startRelease } from '../../jobs/release.ts'
import { config, spec as shipped } from '../../rollout/drive.ts'
import { type History, scrape, startHistory } from './history.ts'

/** What is broken in phase 2, soon after its start, and what becomes of the soak. */
interface Scenario {
  readonly what: Breakage | null
  readonly place: BreakagePlace
  readonly gradually: boolean
  readonly ends: 'rolls back' | 'waits' | 'passes' | 'goes blind'
}

const sudden = (what: Breakage, ends: Scenario['ends'], place: BreakagePlace = 'canary'): Scenario => {
  return { what, place, gradually: false, ends }
}
const scenarios: readonly Scenario[] = [
  { what: null, place: 'canary', gradually: false, ends: 'passes' },
  ...(['error-rate', 'p95', 'agents-failed', 'workflow-errors', 'cpu', 'memory'] as const).map((what) => {
    return sudden(what, 'rolls back')
  }),
  ...(['throughput', 'agents-available', 'workflow-success', 'data-consistency', 'pods-ready'] as const).map((what) => {
    return sudden(what, 'waits')
  }),
  sudden('counter-reset', 'passes'),
  // Only readiness looks at these.
  ...(['agents-compatible', 'workflows-stuck', 'backup-recent', 'restore-tested'] as const).map((what) => {
    return sudden(what, 'passes')
  }),
  sudden('no-data', 'goes blind'),
  sudden('p95', 'passes', 'stable'),
  sudden('error-rate', 'rolls back', 'both'),
  ...(['error-rate', 'p95', 'cpu', 'memory'] as const).map((what): Scenario => {
    return { what, place: 'canary', gradually: true, ends: 'rolls back' }
  }),
]
const nameOf = ({ what, place, gradually }: Scenario) =>
  `${what ?? 'nothing'} in ${place}${gradually ? ', gradually' : ''}`

const soak = 3 * 60_000
const breaksAfter = 30_000
const before = 6 * 60_000
const pace = 20
const scrapeEvery = 5_000

/** The canary has 20 %, and had them long enough for every window. */
const surroundings: Surroundings = {
  weights: { blue: 80, green: 20 },
  ready: { blue: 6, green: 2 },
  wanted: { blue: 6, green: 2 },
  images: { blue: 'app:1', green: 'app:1' },
}

/** The configuration's own queries, about one scenario's service. */
function specOf(index: number): RolloutSpec {
  const rename = (query: string) =>
    query.replaceAll(`service="${config.service}"`, `service="${config.service}-${index}"`)
  const metrics = shipped.metrics.map((metric) => {
    const query = rename(metric.query)
    // What kube-state-metrics tells knows no service.
    const named = query === metric.query ? query.replaceAll('{', `{service="${config.service}-${index}",`) : query
    return { ...metric, query: named }
  })
  const phases = shipped.phases.map((phase) => (phase.weight === 20 ? { ...phase, soak } : phase))
  return { ...shipped, metrics, phases, requestsQuery: rename(shipped.requestsQuery ?? '') }
}

/** A release in the soak of phase 2, just begun, at a moment that is the same for all. */
async function atPhase2(index: number, start: number): Promise<FakeWorld> {
  const world = createFakeWorld()
  world.time = start
  await startRelease(world, specOf(index))
  await shift(world, 1, false)
  await nextPhase(world)
  return world
}

describe('what is broken in the sandbox', () => {
  let history: History
  const worlds: FakeWorld[] = []

  beforeAll(async () => {
    const start = Math.floor(Date.now() / 60_000 - 3 * 60) * 60_000
    for (const index of scenarios.keys()) worlds.push(await atPhase2(index, start))
    const began = worlds[0]?.time ?? 0
    const models = scenarios.map(() => new ServiceModel(seededRandom(7), surroundings, pace))
    const lines: string[] = []
    for (let at = began - before; at <= began + soak + 60_000; at += 500) {
      for (const [index, { what, place, gradually }] of scenarios.entries()) {
        const model = models[index]
        if (model === undefined) continue
        if (at === began + breaksAfter && what !== null) model.break(what, place, gradually)
        model.step(0.5)
        if (at % scrapeEvery === 0) lines.push(...scrape(model, `${config.service}-${index}`, at))
      }
    }
    history = await startHistory(lines)
    for (const world of worlds) Object.assign(world, { metrics: await history.metrics(world.clock) })
  })
  afterAll(() => history?.close())

  test('is told by the shipped configuration: every breakage is tried', () => {
    expect([...new Set(scenarios.flatMap(({ what }) => what ?? []))].sort()).toEqual([...breakages].sort())
  })

  test.each(scenarios.map((scenario, index) => ({ ...scenario, name: nameOf(scenario), index })))(
    '$name: $ends',
    async ({ index, what, ends }) => {
      const world = worlds[index]
      if (world === undefined) throw new Error('no world')
      let events: readonly Event[] = []
      const find = <T extends Event['type']>(type: T) =>
        events.find((event): event is Extract<Event, { type: T }> =>
          event.type === type && 'phase' in event ? event.phase === 2 : event.type === type,
        )
      for (let looks = 0; looks < (soak + 60_000) / shipped.interval; looks++) {
        await look(world)
        events = await world.rollouts.history(1)
        if (find('breach-confirmed') || find('decision-awaited') || find('soak-passed')) break
      }
      const breach = find('breach-confirmed')
      const waits = find('decision-awaited')
      const missed = waits?.figures.filter(({ good }) => good === false).map(({ metric }) => metric) ?? []
      if (ends === 'rolls back') {
        expect(breach?.evidence.metric).toBe(what)
        expect(events.some(({ type }) => type === 'rollback-ordered')).toBe(true)
      } else expect(breach).toBeUndefined()
      if (ends === 'waits') expect(missed).toEqual([what])
      else expect(missed).toEqual([])
      expect(find('soak-passed') !== undefined).toBe(ends === 'passes')
      expect(find('went-blind') !== undefined).toBe(ends === 'goes blind')
    },
  )
})

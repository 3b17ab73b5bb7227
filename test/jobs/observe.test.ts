import { beforeEach, describe, expect, it } from 'vitest'
import { frozenSpec } from '../../src/config/frozen-spec.ts'
import { answerAlert, endAlert } from '../../src/jobs/answer-alert.ts'
import { bystander } from '../../src/jobs/bystander.ts'
import { createFollower } from '../../src/jobs/follow.ts'
import { observe } from '../../src/jobs/observe.ts'
import type { State } from '../../src/rollout/state.ts'
import { threadText } from '../../src/slack/texts.ts'
import { requester, types } from '../rollout/drive.ts'
import { createFakeWorld, type FakeWorld } from './fake-world.ts'

const image = 'registry.example.com/claude-enhancer:5.1.0'
let world: FakeWorld
let follow: () => Promise<void>

beforeEach(() => {
  const fake = createFakeWorld()
  world = Object.assign(fake, { config: { ...fake.config, mode: 'observe' as const } })
  world.images.green = image
  world.ready.green = 2
  follow = createFollower(world)
})

function setWeights(blue: number, green: number): void {
  Object.assign(world.weights, { blue, green })
}

async function announced(): Promise<void> {
  const spec = frozenSpec(world.config, '5.1.0', image)
  const report = { id: 'report-1', version: '5.1.0', image, validUntil: world.time + 1, blocks: 0 }
  await world.rollouts.start({ type: 'start', spec, report, id: 'start', at: world.time, by: requester })
}

async function state(rollout = 1): Promise<State> {
  const found = await world.rollouts.load(rollout)
  if (found === null) throw new Error('no rollout')
  return found
}

/** So many looks, one an interval. */
async function look(times = 1): Promise<void> {
  for (let i = 0; i < times; i++) {
    await observe(world, await state())
    world.time += world.config.release.interval
  }
}

describe('a look at an observed release', () => {
  it('takes the track with the traffic for stable, whichever colour it has', async () => {
    setWeights(0, 100)
    await announced()
    await look()
    expect((await state()).parts).toMatchObject({ stable: 'green', canary: 'blue' })
  })

  it('waits while nobody can tell which one is stable', async () => {
    setWeights(50, 50)
    await announced()
    await look(2)
    expect((await state()).parts).toBeUndefined()
  })

  it('tells a weight once, with who wrote it, and writes nothing', async () => {
    await announced()
    await look()
    setWeights(95, 5)
    world.shown.managers.route = 'kubectl-edit'
    await look(3)
    const seen = (await world.rollouts.history(1)).filter((e) => e.type === 'weight-seen')
    expect(seen).toMatchObject([{ from: 0, weight: 5, phase: 1, manager: 'kubectl-edit' }])
    expect(world.writes).toEqual([])
    expect(world.jobs).toEqual([])
  })

  it('tells a breach once while it lasts, and its end after as many good readings', async () => {
    await announced()
    await look()
    setWeights(95, 5)
    await look(8)
    world.samples.set('code=~"5.."', { value: 0.0083, at: world.time })
    await look(6)
    expect((await state()).observation?.broken).toEqual(['error-rate'])
    world.samples.clear()
    await look(2)
    expect((await state()).observation?.broken).toEqual(['error-rate'])
    await look(2)
    const told = types(await world.rollouts.history(1)).filter((t) => t.startsWith('breach'))
    expect(told).toEqual(['breach-seen', 'breach-over'])
    expect([world.pages, world.writes]).toEqual([[], []])
  })

  it('tells of another limit and of numbers that are missing while one stays broken', async () => {
    await announced()
    await look()
    setWeights(95, 5)
    await look(8)
    const later = world.time + 300_000
    world.samples.set('code=~"5.."', { value: 0.0083, at: later })
    await look(6)
    world.samples.set('histogram_quantile(0.95', { value: 1_200, at: later })
    await look(6)
    const told = async () => (await world.rollouts.history(1)).filter((e) => e.type === 'breach-seen')
    expect(await told()).toMatchObject([{ evidence: { metric: 'error-rate' } }, { evidence: { metric: 'p95' } }])
    world.samples.set('result="error"', { missing: 'failed', detail: 'timed out' })
    await look(6)
    expect((await state()).blind).toMatchObject({ metrics: [{ metric: 'workflow-errors' }] })
    expect(await told()).toHaveLength(2)
  })

  it('tells of a number that is missing and counts as broken as of a breach, not as blindness', async () => {
    const { release } = world.config
    const missing = { ...release.metrics[0]?.missing, failed: 'breach' as const }
    const metrics = release.metrics.map((m) => (m.name === 'error-rate' ? { ...m, missing } : m))
    Object.assign(world, { config: { ...world.config, release: { ...release, metrics } } })
    await announced()
    await look()
    setWeights(95, 5)
    await look(8)
    world.samples.set('code=~"5.."', { missing: 'failed', detail: 'timed out' })
    await look(12)
    expect(await state()).toMatchObject({ observation: { broken: ['error-rate'] } })
    expect(types(await world.rollouts.history(1))).not.toContain('went-blind')
  })

  it('counts a soak by observed time, and tells when it would have been full', async () => {
    await announced()
    await look()
    setWeights(95, 5)
    // The first of these sees the weight; the next one is an interval later.
    await look((30 * 60_000) / world.config.release.interval)
    expect(types(await world.rollouts.history(1))).not.toContain('soak-seen')
    await look()
    expect(types(await world.rollouts.history(1)).at(-1)).toBe('soak-seen')
  })

  it.each([
    ['a limit that stays broken', { value: 0.0083, at: Number.MAX_SAFE_INTEGER }, 'breach-seen'],
    ['numbers that stay missing', { missing: 'failed', detail: 'timed out' }, 'went-blind'],
  ] as const)('ends what was released in spite of %s', async (_, sample, told) => {
    await announced()
    await look()
    world.samples.set('code=~"5.."', sample)
    setWeights(0, 100)
    const { interval, rollbackWindow, phases } = world.config.release
    await look((rollbackWindow + (phases.at(-1)?.soak ?? 0)) / interval)
    expect((await state()).stage).toBe('observing')
    await look()
    const seen = types(await world.rollouts.history(1))
    expect([seen.includes(told), seen.at(-1)]).toEqual([true, 'observation-ended'])
    expect((await state()).observation?.ended?.how).toBe('released')
  })

  it('does not end what may have been taken back while the API server did not answer', async () => {
    await announced()
    await look()
    setWeights(0, 100)
    await look()
    world.shown.failing = new Error('away')
    world.time += 60 * 60_000
    await look()
    expect((await state()).stage).toBe('observing')
    world.shown.failing = null
    setWeights(100, 0)
    await look()
    expect((await state()).observation?.ended?.how).toBe('taken-back')
  })

  it('goes on with the metrics while the API server does not answer', async () => {
    await announced()
    await look()
    setWeights(95, 5)
    await look(2)
    world.shown.failing = new Error('away')
    world.samples.set('code=~"5.."', { value: 0.0083, at: world.time })
    await look(4)
    expect(types(await world.rollouts.history(1)).at(-1)).toBe('breach-seen')
  })
})

describe('an alert while a release is observed', () => {
  const alert = (fingerprint = 'f00', title = 'Checkout fails') => {
    return { title, summary: 'one in ten', startsAt: world.time, fingerprint }
  }
  const fire = (...of: Parameters<typeof alert>) => answerAlert(world, bystander, alert(...of))
  const end = (...of: Parameters<typeof alert>) => endAlert(world, alert(...of))
  const breaches = async () => types(await world.rollouts.history(1)).filter((t) => t.startsWith('breach'))

  beforeEach(async () => {
    await announced()
    await look()
    setWeights(95, 5)
    await look(2)
  })

  it('is told anew when it has ended in between', async () => {
    await fire()
    await fire()
    world.time += 60_000
    await end()
    await end()
    expect(await breaches()).toEqual(['breach-seen', 'breach-over'])
    const over = (await world.rollouts.history(1)).at(-1)
    expect(over && threadText(over, await state())?.text).toMatch(/^\*The alert Checkout fails has ended\*, since/)
    world.time += 60_000
    await fire()
    expect(await breaches()).toEqual(['breach-seen', 'breach-over', 'breach-seen'])
    expect([world.pages, world.writes]).toEqual([[], []])
  })

  it('has ended when the last one of its title has, whatever other alerts there are', async () => {
    await fire('f00')
    await fire('f01')
    await fire('f02', 'Disk full')
    await end('f00')
    expect(await breaches()).toEqual(['breach-seen', 'breach-seen'])
    await end('f01')
    expect((await state()).observation?.broken).toEqual(['Disk full'])
  })

  it('is not kept open by one of its title that was told no more', async () => {
    await fire('f01')
    world.time += 150_000
    await fire('f00')
    await end('f00')
    expect((await state()).observation?.broken).toEqual([])
  })

  it('is told again that it has ended when Redis did not hear it', async () => {
    await fire()
    world.memory.away = true
    await expect(end()).rejects.toMatchObject({ code: 'ledger-unavailable' })
    world.memory.away = false
    await end()
    expect(await breaches()).toEqual(['breach-seen', 'breach-over'])
  })
})

describe('a release that nobody announced', () => {
  it('begins with the first traffic; stable is the track that had everything', async () => {
    await follow()
    setWeights(40, 60)
    await follow()
    const { parts, weight, spec, startedBy } = await state()
    expect(parts).toMatchObject({ stable: 'blue', canary: 'green' })
    expect([weight, spec.version, spec.mode, startedBy.id]).toEqual([60, '5.1.0', 'observe', 'slipway'])
  })

  it('is seen also when everything goes over at once', async () => {
    await follow()
    setWeights(0, 100)
    await follow()
    expect(await state()).toMatchObject({ weight: 100, phase: 4 })
  })

  it('is taken by the greater share when nobody saw its beginning, and waits where there is none', async () => {
    setWeights(50, 50)
    await follow()
    expect(await world.rollouts.current()).toBeNull()
    setWeights(20, 80)
    await follow()
    expect((await state()).parts).toMatchObject({ stable: 'green', canary: 'blue' })
  })

  it('is left alone after somebody stopped observing it, until one track has everything', async () => {
    await follow()
    setWeights(95, 5)
    await follow()
    await world.rollouts.execute(1, { type: 'abort', reason: '', id: 'stop', at: world.time, by: requester })
    await follow()
    await follow()
    expect(await world.rollouts.load(2)).toBeNull()
    setWeights(100, 0)
    await follow()
    setWeights(95, 5)
    await follow()
    expect(await state(2)).toMatchObject({ stage: 'observing', weight: 5 })
  })

  it('is no second one while the first is observed, nor after it was released', async () => {
    await follow()
    setWeights(0, 100)
    await follow()
    const { rollbackWindow, phases } = world.config.release
    await follow()
    world.time += rollbackWindow + (phases.at(-1)?.soak ?? 0)
    await look()
    expect((await state()).stage).toBe('observed')
    await follow()
    await follow()
    expect(await world.rollouts.load(2)).toBeNull()
  })
})

import { beforeEach, describe, expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import { answerAlert, endAlert } from '../../src/jobs/answer-alert.ts'
import { createEmergency } from '../../src/jobs/emergency.ts'
import { own } from '../../src/jobs/outcome.ts'
import { createPager } from '../../src/jobs/page.ts'
import type { PodProblem } from '../../src/jobs/ports.ts'
import { project } from '../../src/jobs/project.ts'
import { watchRecovery } from '../../src/jobs/recovery.ts'
import { rollBack } from '../../src/jobs/roll-back.ts'
import { shift } from '../../src/jobs/shift.ts'
import { threadText } from '../../src/slack/texts.ts'
import { spec } from '../rollout/drive.ts'
import { createFakeWorld, type FakeWorld } from './fake-world.ts'
import { begin, look, say, startRelease, stateOf } from './release.ts'

let world: FakeWorld
beforeEach(async () => {
  world = createFakeWorld()
  await startRelease(world)
  await shift(world, 1, false)
  world.time += 5_000
})

const alert = (fingerprint: string, title = 'Checkout fails') => {
  return { title, summary: 'one in ten', startsAt: world.time, fingerprint }
}
const fire = (fingerprint = 'f00', title?: string) =>
  answerAlert(world, createEmergency(world), alert(fingerprint, title))
const recovery = async () => (await stateOf(world)).recovery

/** Looks at stable for so long (ms), `each` before every look. */
async function watchFor(ms: number, each: () => Promise<void> = async () => undefined): Promise<void> {
  for (const until = world.time + ms; world.time < until; ) {
    world.time += spec.interval
    await each()
    await watchRecovery(world, await stateOf(world))
  }
}

/** The incident is paged and the traffic back. */
async function rolledBack(): Promise<void> {
  await project(world, createPager(world), 1)
  await rollBack(world, 1, false)
  expect(await recovery()).toBe('watched')
}

describe('the incident of an alert', () => {
  beforeEach(async () => {
    await fire()
    await rolledBack()
  })

  test.each(['f00', 'of-stable'])(
    'stays open while it is told again, as %s, and is resolved after that',
    async (as) => {
      await watchFor(2 * spec.resolveAfter, () => fire(as))
      const last = world.time
      expect(await recovery()).toBe('watched')
      await watchFor(spec.resolveAfter - spec.interval)
      expect(await recovery()).toBe('watched')
      await watchFor(spec.interval)
      expect(await recovery()).toBe('seen')
      const recovered = (await world.rollouts.history(1)).findLast((e) => e.type === 'stable-recovered')
      expect(recovered).toMatchObject({ since: last })
    },
  )

  test('is resolved at once when it has ended, all of it, and stable has been well', async () => {
    await watchFor(2 * spec.resolveAfter, async () => {
      await fire('f00')
      await fire('of-stable')
    })
    await endAlert(world, alert('f00'))
    await watchFor(spec.interval)
    expect(await recovery()).toBe('watched')
    await endAlert(world, alert('of-stable'))
    await watchFor(spec.interval)
    expect(await recovery()).toBe('seen')
  })

  test('is not kept open by another alert, nor by one that was told no more', async () => {
    await watchFor(2 * spec.resolveAfter, () => fire('f01', 'Disk full'))
    expect(await recovery()).toBe('seen')
  })

  test('waits for what Alertmanager may leave out, however soon it is to be resolved', async () => {
    const soon = { ...(await stateOf(world)), spec: { ...spec, resolveAfter: spec.interval } }
    await watchFor(60_000, () => fire())
    for (let ms = 0; ms < 140_000; ms += spec.interval) {
      world.time += spec.interval
      await watchRecovery(world, soon)
    }
    expect(await recovery()).toBe('watched')
    world.time += spec.interval
    await watchRecovery(world, soon)
    expect(await recovery()).toBe('seen')
  })

  test('that nobody saw end in maxHold of looks says so', async () => {
    await watchFor(spec.maxHold - spec.interval, () => fire())
    expect(await recovery()).toBe('watched')
    await watchFor(spec.interval, () => fire())
    expect(await recovery()).toBe('not-seen')
    const told = (await world.rollouts.history(1)).at(-1)
    expect(told && threadText(told, await stateOf(world))?.text).toMatch(
      /^Stable was not seen within all limits and without the alert for 5 min/,
    )
  })

  test('is not given up for the time in which nobody looked', async () => {
    world.time += 2 * spec.maxHold
    await watchFor(spec.resolveAfter)
    expect(await recovery()).toBe('watched')
    await watchFor(spec.interval)
    expect(await recovery()).toBe('seen')
  })
})

test('a breach that comes on record after the end has maxHold of its own', async () => {
  await say(world, { type: 'roll-back', reason: 'looks wrong', forced: false })
  await world.rollouts.execute(1, own(world, { type: 'record-rollback-failure', code: 'x', what: 'w', todo: 't' }))
  await rolledBack()
  world.samples.set('histogram_quantile', { value: 1_500, at: world.time })
  const breaking = async () => void world.samples.set('histogram_quantile', { value: 1_500, at: world.time })
  await watchFor(spec.maxHold - spec.interval, breaking)
  const evidence = { metric: 'p95', value: 1_500, query: '', readings: [], stableToo: false }
  const alone = { key: `${world.rollouts.service}/1/breach/1` }
  await world.rollouts.execute(1, own(world, { type: 'record-breach', evidence, alone }))
  await watchFor(spec.maxHold - spec.interval, breaking)
  expect(await recovery()).toBe('watched')
  await watchFor(spec.interval, breaking)
  expect(await recovery()).toBe('not-seen')
})

test('an alert that has ended while Redis is away is no error', async () => {
  await fire()
  await rolledBack()
  world.memory.away = true
  await expect(endAlert(world, alert('f00'))).resolves.toBeUndefined()
})

test('an alert of a rollout that rolled back keeps its incident open while it is a breach of the next one', async () => {
  await fire()
  await rolledBack()
  const before = await stateOf(world)
  Object.assign(world.rollouts, { current: async () => ({ ...before, rollout: 2, stage: 'soaking' as const }) })
  Object.assign(world.rollouts, { execute: async () => ({ state: before, events: [] }) })
  world.time += 60_000
  await fire()
  expect(await world.beside.alertFired(1)).toBe(world.time)
})

describe('the incident of failing pods', () => {
  const crash = (track: string): PodProblem => {
    return { pod: `claude-enhancer-${track}-1`, reason: 'CrashLoopBackOff', message: 'exit code 1' }
  }
  const homeless: PodProblem = { pod: 'claude-enhancer-blue-9', reason: 'Unschedulable', message: '0/3 nodes: cpu' }

  beforeEach(async () => {
    world.shown.troubles.green = crash('green')
    await look(world, 3)
    await rolledBack()
  })

  test('is resolved though the canary’s go on failing, and though stable wants more than find a place', async () => {
    world.shown.troubles.blue = homeless
    await watchFor(2 * spec.resolveAfter)
    expect(await recovery()).toBe('seen')
  })

  test.each(['crash', 'none ready', 'unreachable'])(
    'stays open while stable’s do, or can’t be looked at (%s)',
    async (trouble) => {
      if (trouble === 'crash') world.shown.troubles.blue = crash('blue')
      else if (trouble === 'none ready') world.shown.serving.blue = 0
      else world.shown.failing = new SlipwayError('cluster-unreachable', { what: 'get' })
      await watchFor(2 * spec.resolveAfter)
      expect(await recovery()).toBe('watched')
      delete world.shown.troubles.blue
      delete world.shown.serving.blue
      world.shown.failing = null
      await watchFor(spec.resolveAfter - spec.interval)
      expect(await recovery()).toBe('watched')
      await watchFor(spec.interval)
      expect(await recovery()).toBe('seen')
    },
  )
})

test('the incident of a rollback that failed before anything was prepared is resolved as soon as it is done', async () => {
  const unprepared = createFakeWorld()
  await begin(unprepared)
  await say(unprepared, { type: 'roll-back', reason: 'not tonight', forced: false })
  const failed = { type: 'record-rollback-failure', code: 'x', what: 'refused', todo: 'patch' } as const
  await unprepared.rollouts.execute(1, own(unprepared, failed))
  await rollBack(unprepared, 1, false)
  expect(await stateOf(unprepared)).toMatchObject({ recovery: 'watched', pages: [{ cause: 'rollback-failed' }] })
  await watchRecovery(unprepared, await stateOf(unprepared))
  const after = await stateOf(unprepared)
  expect(after.recovery).toBe('seen')
  const recovered = (await unprepared.rollouts.history(1)).at(-1)
  expect(recovered && threadText(recovered, after)?.text).toBe(
    'Nothing had been prepared, so that there is nothing to watch. Resolving the incident.',
  )
})

test('pods of stable mean nothing to the incident of a metric', async () => {
  world.samples.set('agents_failed', { value: 9, at: world.time })
  await look(world, 3)
  world.samples.clear()
  await rolledBack()
  world.shown.troubles.blue = { pod: 'b', reason: 'CrashLoopBackOff', message: '' }
  await watchFor(2 * spec.resolveAfter)
  expect(await recovery()).toBe('seen')
})

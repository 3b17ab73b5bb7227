import { beforeEach, expect, test } from 'vitest'
import type { Sample } from '../../src/jobs/ports.ts'
import { rollBack } from '../../src/jobs/roll-back.ts'
import { shift } from '../../src/jobs/shift.ts'
import { threadText } from '../../src/slack/texts.ts'
import { spec } from '../rollout/drive.ts'
import { createFakeWorld, type FakeWorld } from './fake-world.ts'
import { cleanedUp, eventsOf, say, startRelease, stateOf } from './release.ts'

const drained = { query: 'sum(work_running{track="$track"})', atMost: 2 }

let world: FakeWorld
/** Rolled back, and without requests for a whole window; time passes as the job waits for it. */
beforeEach(async () => {
  world = createFakeWorld()
  await startRelease(world, { ...spec, drained })
  await shift(world, 1, false)
  await say(world, { type: 'roll-back', reason: 'slow', forced: true })
  await rollBack(world, 1, false)
  world.time += spec.staleAfter
  world.samples.set('http_requests_total{service="claude-enhancer",track="green"', { value: 0, at: 0 })
})

const work = (sample: Sample) => world.samples.set('work_running{track="green"}', sample)

async function told(type: string): Promise<string | undefined> {
  const event = (await world.rollouts.history(1)).findLast((e) => e.type === type)
  return event === undefined ? undefined : threadText(event, await stateOf(world))?.text
}

test('the pods stay until their work has left them, and the thread says so', async () => {
  work({ value: 7, at: 0 })
  let looks = 0
  await cleanedUp(world, () => {
    looks += 1
    if (looks === 3) expect(world.shown.sizes.green).toBeGreaterThan(0)
    if (looks === 5) work({ value: 2, at: 0 })
  })
  expect(looks).toBe(5)
  expect(world.shown.sizes.green).toBe(0)
  expect(await told('traffic-verified')).toContain('Its pods stay until their work has left them, too.')
  expect((await eventsOf(world)).filter((type) => type === 'traffic-verified')).toHaveLength(1)
})

test.each<[string, Sample, string]>([
  ['work that does not end', { value: 3, at: 0 }, 'it still has work: 3, at most 2 wanted'],
  [
    'a number that is missing',
    { missing: 'empty', detail: 'no series' },
    'what it still works at is unknown (no series)',
  ],
])('%s is asked about after a time; the pods stay until somebody decides', async (_, sample, why) => {
  work(sample)
  await cleanedUp(world)
  expect(world.shown.sizes.green).toBeGreaterThan(0)
  expect(await told('clean-up-held')).toContain(why)
  await say(world, { type: 'finish' })
  await cleanedUp(world)
  expect(world.shown.sizes.green).toBe(0)
})

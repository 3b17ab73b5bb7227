import { beforeEach, describe, expect, test } from 'vitest'
import { cleanUp } from '../../src/jobs/clean-up.ts'
import { watchConvergence } from '../../src/jobs/convergence.ts'
import type { Sample } from '../../src/jobs/ports.ts'
import { rollBack } from '../../src/jobs/roll-back.ts'
import { shift } from '../../src/jobs/shift.ts'
import type { RolloutSpec } from '../../src/rollout/plan.ts'
import { threadText } from '../../src/slack/texts.ts'
import { spec } from '../rollout/drive.ts'
import { createFakeWorld, type FakeWorld } from './fake-world.ts'
import { eventsOf, look, say, startRelease, stateOf } from './release.ts'

const seconds = (count: number) => count * 1_000
const { requestsQuery: _, ...uncounted } = spec

let world: FakeWorld
async function shifted(release: RolloutSpec = spec): Promise<void> {
  world = createFakeWorld()
  await startRelease(world, release)
  await shift(world, 1, false)
}
beforeEach(() => shifted())

/** What the thread says of the newest event. */
async function told() {
  const event = (await world.rollouts.history(1)).at(-1)
  if (event === undefined) throw new Error('nothing has happened')
  return threadText(event, await stateOf(world))
}

/** What Prometheus counts of a track from now on. */
const count = (track: string, value: number) => answer(track, { value, at: 0 })
const uncountable = () => ['blue', 'green'].map((track) => answer(track, { missing: 'empty', detail: 'no series' }))

function answer(track: string, sample: Sample): void {
  world.samples.set(`increase(http_requests_total{service="claude-enhancer",track="${track}"`, sample)
}

describe('after a shift', () => {
  test('requests that follow are told once, with their share', async () => {
    count('blue', 9_490)
    count('green', 510)
    await look(world, 3)
    expect((await eventsOf(world)).filter((type) => type === 'traffic-converged')).toHaveLength(1)
    expect(await told()).toEqual({
      text: 'Requests follow: the canary gets 5.1 % of them (weight 5 %), 10 s after the shift.',
    })
    expect((await stateOf(world)).convergence?.outcome).toBe('followed')
  })

  test('requests that do not follow in time are told once to the channel, and looked at on', async () => {
    count('blue', 10_000)
    count('green', 0)
    await look(world, 17)
    expect(await eventsOf(world)).not.toContain('traffic-not-converged')
    await look(world, 3)
    expect((await eventsOf(world)).filter((type) => type === 'traffic-not-converged')).toHaveLength(1)
    const text = await told()
    expect(text).toMatchObject({ broadcast: true })
    expect(text?.text).toContain('the canary (green) gets 0 % of them, 3 min after its weight became 5 %')

    count('blue', 9_500)
    count('green', 500)
    await look(world)
    expect((await eventsOf(world)).at(-1)).toBe('traffic-converged')
  })

  test('requests that did not follow are looked at on, also after some could not be counted', async () => {
    count('blue', 10_000)
    count('green', 0)
    await look(world, 20)
    uncountable()
    await look(world, 20)
    expect(await eventsOf(world)).toContain('traffic-not-converged')
    expect(await eventsOf(world)).not.toContain('traffic-converged')

    count('blue', 9_500)
    count('green', 500)
    await look(world)
    expect((await told())?.text).toContain('Requests follow: the canary gets 5 % of them')
  })

  test('a pause that another process found over stands in for nothing that was told', async () => {
    const before = await stateOf(world)
    count('blue', 10_000)
    count('green', 0)
    await look(world, 20)
    uncountable()
    world.time += seconds(300)
    await watchConvergence(world, before, 5)
    expect((await stateOf(world)).convergence?.outcome).toBe('missed')
  })

  test('the pause stands in where no query is configured, and says so', async () => {
    await shifted(uncounted)
    await look(world, 29)
    expect(await eventsOf(world)).not.toContain('traffic-converged')
    await look(world)
    expect((await told())?.text).toBe(
      'Requests could not be counted (release.requestsQuery is not configured): the pause of 5 min after the shift stood in for it.',
    )
    expect((await stateOf(world)).convergence?.outcome).toBe('paused')
  })

  test('the pause stands in where the query gives no number', async () => {
    uncountable()
    await look(world, 31)
    expect((await told())?.text).toContain('Requests could not be counted (no series)')
  })

  test('weights that somebody else changed are not waited for', async () => {
    Object.assign(world.weights, { blue: 60, green: 40 })
    count('blue', 9_500)
    count('green', 500)
    await look(world, 3)
    expect(await eventsOf(world)).not.toContain('traffic-converged')
  })

  test('a soak does not pass before it is known', async () => {
    const [first, ...rest] = spec.phases
    if (first === undefined) throw new Error('no phase')
    const metrics = spec.metrics.filter(({ name }) => name === 'agents-available')
    await shifted({ ...uncounted, metrics, phases: [{ ...first, soak: seconds(30) }, ...rest] })
    await look(world, 29)
    expect(await eventsOf(world)).not.toContain('soak-passed')
    await look(world, 2)
    expect((await eventsOf(world)).slice(-2)).toEqual(['traffic-converged', 'soak-passed'])
  })
})

describe('after the traffic was taken back', () => {
  async function rolledBack(release: RolloutSpec = spec): Promise<void> {
    await shifted(release)
    await say(world, { type: 'roll-back', reason: '', forced: true })
    await rollBack(world, 1, false)
  }

  test('requests that stay are told, and the pods with them', async () => {
    await rolledBack()
    count('green', 12)
    world.time += seconds(180)
    const cleaning = cleanUp(world, 1, false)
    await expect.poll(() => eventsOf(world)).toContain('traffic-not-converged')
    expect(world.writes).not.toContain('size green 0')
    expect((await told())?.text).toContain('green still gets some, 3 min after it lost its traffic')
    count('green', 0)
    await cleaning
    expect((await eventsOf(world)).slice(-3)).toEqual(['traffic-not-converged', 'traffic-verified', 'cleaned-up'])
  })

  test('the pause stands in where requests can not be counted, and says so', async () => {
    await rolledBack(uncounted)
    world.time += seconds(299)
    const cleaning = cleanUp(world, 1, false)
    world.time += seconds(1)
    await cleaning
    expect((await eventsOf(world)).slice(-2)).toEqual(['traffic-verified', 'cleaned-up'])
    const verified = (await world.rollouts.history(1)).at(-2)
    expect(verified).toMatchObject({ type: 'traffic-verified', pause: seconds(300) })
    if (verified === undefined) throw new Error('no event')
    expect(threadText(verified, await stateOf(world))?.text).toContain('the pause of 5 min stood in for it')
  })

  test('a query that gives no number keeps the pods, whatever the pause', async () => {
    await rolledBack()
    uncountable()
    world.time += spec.pageAfter
    await cleanUp(world, 1, false)
    expect((await eventsOf(world)).at(-1)).toBe('clean-up-held')
    expect(world.writes).not.toContain('size green 0')
  })
})

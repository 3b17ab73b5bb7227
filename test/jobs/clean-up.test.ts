import { beforeEach, expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import { cleanUp } from '../../src/jobs/clean-up.ts'
import { rollBack } from '../../src/jobs/roll-back.ts'
import { shift } from '../../src/jobs/shift.ts'
import { eventButtons } from '../../src/slack/event-buttons.ts'
import { threadText } from '../../src/slack/texts.ts'
import { holderOf, spec } from '../rollout/drive.ts'
import { createFakeWorld, type FakeWorld } from './fake-world.ts'
import { cleanedUp, eventsOf, say, startRelease, stateOf } from './release.ts'

const refused = new SlipwayError('cluster-refused', { what: 'patch deployments', status: 403 })
const unreachable = new SlipwayError('cluster-unreachable', { what: 'patch deployments' })

let world: FakeWorld
beforeEach(async () => {
  world = createFakeWorld()
  await startRelease(world)
  await shift(world, 1, false)
  await say(world, { type: 'roll-back', reason: 'slow', forced: true })
  await rollBack(world, 1, false)
  world.time += spec.staleAfter
  world.samples.set('http_requests_total{service="claude-enhancer",track="green"', { value: 0, at: 0 })
})

/** One kind of call fails. */
function failWith(name: 'view' | 'size' | 'unpin', error: Error): () => void {
  const before = world.cluster[name]
  Object.assign(world.cluster, { [name]: () => Promise.reject(error) })
  return () => Object.assign(world.cluster, { [name]: before })
}

test.each(['size', 'unpin'] as const)(
  'what the API server refuses (%s) is told once, and tried again when somebody says so',
  async (name) => {
    const allow = failWith(name, refused)
    await cleanedUp(world)
    await cleanedUp(world)
    expect((await eventsOf(world)).filter((type) => type === 'clean-up-held')).toHaveLength(1)
    const held = (await world.rollouts.history(1)).at(-1)
    const told = held && threadText(held, await stateOf(world))?.text
    expect(told).toContain(`*Cleaning up green failed:* ${refused.message} ${refused.todo} Mend it`)
    expect(held && eventButtons(held, await stateOf(world))).toMatchObject([
      { action: 'finish', label: 'Clean up again' },
    ])
    await say(world, { type: 'finish' })
    await cleanedUp(world)
    expect((await eventsOf(world)).slice(-2)).toEqual(['clean-up-retried', 'clean-up-held'])
    allow()
    await say(world, { type: 'finish' })
    await cleanedUp(world)
    expect(await stateOf(world)).toMatchObject({ cleanUp: 'done' })
    expect(world.shown.sizes.green).toBe(0)
  },
)

const requests = (value: number) =>
  world.samples.set('http_requests_total{service="claude-enhancer",track="green"', { value, at: 0 })

test.each(['view', 'size'] as const)(
  'what passes by itself (%s) asks nobody, at the last try either, and heals by itself',
  async (name) => {
    requests(name === 'view' ? 7 : 0)
    const allow = failWith(name, unreachable)
    await expect(cleanedUp(world)).rejects.toBe(unreachable)
    await expect(cleanUp(world, 1, true)).rejects.toBe(unreachable)
    expect(await stateOf(world)).toMatchObject({ cleanUp: 'due' })
    allow()
    requests(0)
    await cleanedUp(world)
    expect(await stateOf(world)).toMatchObject({ cleanUp: 'done' })
    expect(await eventsOf(world)).not.toContain('clean-up-held')
  },
)

test('what should pass by itself, and lasts, is told at the last try, and tried again when somebody says so', async () => {
  const broken = new SlipwayError('cluster-refused', { what: 'patch deployments', status: 500 })
  const allow = failWith('size', broken)
  await expect(cleanedUp(world)).rejects.toBe(broken)
  expect(await stateOf(world)).toMatchObject({ cleanUp: 'due' })
  await cleanUp(world, 1, true)
  expect((await world.rollouts.history(1)).at(-1)).toMatchObject({
    type: 'clean-up-held',
    failed: true,
    why: broken.message,
  })
  allow()
  await say(world, { type: 'finish' })
  await cleanedUp(world)
  expect(await stateOf(world)).toMatchObject({ cleanUp: 'done' })
})

test('the fence of another try, which has read more of the record, asks nobody', async () => {
  const overtaken = new SlipwayError('newer-fence', { what: 'green', ours: '1/7', found: '1/8' })
  const allow = failWith('size', overtaken)
  // This try has itself brought the record further, by what it found of the requests.
  await expect(cleanUp(world, 1, true)).rejects.toBe(overtaken)
  expect(await stateOf(world)).toMatchObject({ cleanUp: 'due' })
  allow()
  await cleanedUp(world)
  expect(await eventsOf(world)).not.toContain('clean-up-held')
})

test('one that failed is tried again only for a track without requests, until somebody has it scaled down all the same', async () => {
  const allow = failWith('size', refused)
  await cleanedUp(world)
  expect(await stateOf(world)).toMatchObject({ cleanUp: 'failed' })
  allow()
  requests(7)
  world.time += spec.pageAfter
  const said = { type: 'finish', id: 'late', at: world.time, by: holderOf('devops') } as const
  await say(world, { type: 'finish' })
  expect(await stateOf(world)).toMatchObject({ cleanUp: 'due' })
  await cleanedUp(world)
  expect(world.time).toBe(said.at + spec.pageAfter)
  expect(world.shown.sizes.green).toBeGreaterThan(0)
  // Said while it had failed, to have it tried again.
  expect(await world.rollouts.execute(1, said)).toMatchObject({ refusal: { code: 'said-before' } })
  const held = (await world.rollouts.history(1)).at(-1)
  expect(held).toMatchObject({ type: 'clean-up-held', why: 'it still gets requests' })
  expect(held).not.toHaveProperty('failed')
  await say(world, { type: 'finish' })
  await cleanUp(world, 1, false)
  expect((await eventsOf(world)).slice(-2)).toEqual(['clean-up-ordered', 'cleaned-up'])
  expect(world.shown.sizes.green).toBe(0)
})

test('the share that somebody gave the track is the reason that is told, also while no requests come of it', async () => {
  Object.assign(world.weights, { blue: 90, green: 10 })
  world.time += spec.pageAfter
  await cleanUp(world, 1, false)
  const held = (await world.rollouts.history(1)).at(-1)
  expect(held).toMatchObject({ type: 'clean-up-held', why: 'the route gives it 10 %' })
})

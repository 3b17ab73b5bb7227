import { beforeEach, expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import { cleanUp } from '../../src/jobs/clean-up.ts'
import { rollBack } from '../../src/jobs/roll-back.ts'
import { shift } from '../../src/jobs/shift.ts'
import { eventButtons } from '../../src/slack/event-buttons.ts'
import { threadText } from '../../src/slack/texts.ts'
import { spec } from '../rollout/drive.ts'
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

/** One kind of write fails. */
function failWith(name: 'size' | 'unpin', error: Error): () => void {
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
    expect((await eventsOf(world)).slice(-2)).toEqual(['clean-up-ordered', 'clean-up-held'])
    allow()
    await say(world, { type: 'finish' })
    await cleanedUp(world)
    expect(await stateOf(world)).toMatchObject({ cleanUp: 'done' })
    expect(world.shown.sizes.green).toBe(0)
  },
)

test('what passes by itself is tried again, and told at the last try', async () => {
  failWith('size', unreachable)
  await expect(cleanedUp(world)).rejects.toBe(unreachable)
  expect(await stateOf(world)).toMatchObject({ cleanUp: 'due' })
  await cleanUp(world, 1, true)
  expect(await stateOf(world)).toMatchObject({ cleanUp: 'held' })
})

import { expect, test } from 'vitest'
import { SlipwayError } from '../src/errors.ts'
import { createHandlers } from '../src/handlers.ts'
import type { Wish } from '../src/slack/ask.ts'
import { createFakeWorld } from './jobs/fake-world.ts'
import { startRelease } from './jobs/release.ts'
import { sampleReport } from './readiness/sample-report.ts'
import { createFakeMessenger } from './slack/fake-messenger.ts'

/** The handlers over fakes, and what people are told in private. */
function open() {
  const world = createFakeWorld()
  const told: string[] = []
  const messenger = {
    ...createFakeMessenger(),
    tell: async (_: string, { text }: { text: string }) => void told.push(text),
  }
  const report = sampleReport('5.1.0', 9_000_000)
  const handlers = createHandlers({
    world,
    acting: world,
    queues: {
      add: async () => undefined,
      withdraw: async () => false,
      startJobs: async () => undefined,
      startProjections: async () => undefined,
      close: async () => undefined,
    },
    messenger,
    reports: { save: async () => undefined, find: async () => report, newestVersion: async () => '5.1.0' },
    checkReadiness: async () => report,
    writtenRecord: { name: 'sink', settles: 0, show: async () => undefined },
    answers: { leave: async () => undefined },
    dependencies: { away: () => [] },
  })
  return { world, told, handlers }
}

test('a click waits until Slack says who holds a role: told once, decided then', async () => {
  const { world, told, handlers } = open()
  await startRelease(world)
  const [user = ''] = world.config.roles.sre?.users ?? []
  const data: Wish = { id: 'w1', at: world.time, user: { id: user, name: 'bo' }, ask: { kind: 'pause', reason: '' } }
  const run = (tried: boolean) => handlers.wishes({ name: 'wish', data, tried, last: false })
  world.people.failing = new SlipwayError('people-unknown', { method: 'users.info' })
  await expect(run(false)).rejects.toMatchObject({ code: 'people-unknown' })
  await expect(run(true)).rejects.toMatchObject({ code: 'people-unknown' })
  expect(told).toEqual([expect.stringContaining('is kept and decided as soon as it does')])
  world.people.failing = null
  expect(await run(true)).toBe('done')
  expect(told).toHaveLength(2)
  expect((await world.rollouts.current())?.paused).toBeDefined()
})

test('a click that could not be decided to the end is answered', async () => {
  const { world, told, handlers } = open()
  await startRelease(world)
  const data: Wish = { id: 'w1', at: world.time, user: { id: 'U0SRE', name: 'bo' }, ask: { kind: 'pause', reason: '' } }
  world.people.failing = new SlipwayError('people-unknown', { method: 'users.info' })
  expect(await handlers.wishes({ name: 'wish', data, tried: true, last: true })).toBe('done')
  expect(told).toEqual([expect.stringContaining('Nothing was done. Do it again')])
})

import { beforeEach, expect, test } from 'vitest'
import { createChangeEvents } from '../../src/jobs/change-events.ts'
import { project } from '../../src/jobs/project.ts'
import { shift } from '../../src/jobs/shift.ts'
import { readHeads } from '../../src/ledger/head-text.ts'
import { createThread } from '../../src/slack/thread.ts'
import { service } from '../rollout/drive.ts'
import { createFakeMessenger } from '../slack/fake-messenger.ts'
import { createFakeWorld, type FakeWorld } from './fake-world.ts'
import { nextPhase, startRelease } from './release.ts'

let world: FakeWorld
beforeEach(async () => {
  world = createFakeWorld()
  const by = { id: 'U1', name: 'ann', via: 'slack' } as const
  await world.record.append({
    ...{ type: 'asked', id: 'w1', at: 1, by, ask: { kind: 'status' }, outcome: 'done', answer: 'soaking' },
  })
  await startRelease(world)
  await shift(world, 1, false)
  await nextPhase(world)
})

/** What should be told: the hash of each phase's start, and the head of the service's record. */
async function toTell() {
  const starts = (await world.rollouts.history(1)).filter((e) => e.type === 'phase-started')
  const head = await world.record.head()
  expect(starts).toHaveLength(2)
  return starts.flatMap(({ version, hash }) => [
    { chain: 1, place: version, hash },
    { chain: 'record', place: 1, hash: head?.hash },
  ])
}

test('the thread tells the head of the ledger and of the record with each phase', async () => {
  const slack = createFakeMessenger()
  const history = (rollout: number) => world.rollouts.history(rollout)
  await project(
    world,
    createThread({
      messenger: slack,
      cursors: world.cursors,
      history,
      config: world.config,
      pace: world.pace,
      clock: world.clock,
      log: world.log,
      settles: 0,
      recordHead: world.record.head,
    }),
    1,
  )
  const words = slack.posted.map(({ message }) => JSON.stringify(message.blocks)).join('\n')
  expect(readHeads(words, service)).toEqual(await toTell())
  expect(readHeads(words, 'another')).toEqual([])
})

test('PagerDuty is told the same as change events, and waits while it is away', async () => {
  world.pagerAway = true
  await expect(project(world, createChangeEvents(world), 1)).rejects.toMatchObject({ code: 'paging-unreachable' })
  world.pagerAway = false
  await project(world, createChangeEvents(world), 1)
  await project(world, createChangeEvents(world), 1)
  expect(world.changes.map((change) => change.summary)).toEqual([
    `${service} 5.1.0: phase 1 of 4 starts`,
    `${service} 5.1.0: phase 2 of 4 starts`,
  ])
  expect(readHeads(JSON.stringify(world.changes), service)).toEqual(await toTell())
})

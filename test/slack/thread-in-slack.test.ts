import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Secret } from '../../src/config/secret.ts'
import { project } from '../../src/jobs/project.ts'
import { channelId, slackApp } from '../../src/sandbox/slack-workspace.ts'
import type { SlackFault } from '../../src/sandbox/strict-slack/fault.ts'
import { createClient } from '../../src/slack/app.ts'
import { createMessenger, type Messenger } from '../../src/slack/messenger.ts'
import { createThread } from '../../src/slack/thread.ts'
import { createFakeWorld, type FakeWorld } from '../jobs/fake-world.ts'
import type { Drive } from '../rollout/drive.ts'
import { at } from '../rollout/ways.ts'
import { type Strict, startStrict } from '../sandbox/strict-slack/strict.ts'

const settles = 10_000
/** How long Slack may take here, in ms. */
const timeout = 1_000

let strict: Strict
let world: FakeWorld
let messenger: Messenger
beforeAll(async () => {
  strict = await startStrict()
  const connection = { kind: 'socket', appToken: new Secret(slackApp.appToken) } as const
  const environment = { botToken: new Secret(slackApp.botToken), connection, apiUrl: strict.slack.apiUrl }
  messenger = createMessenger(createClient(environment, timeout), () => channelId, { hold: async () => undefined })
})
beforeEach(async () => {
  world = createFakeWorld()
  strict.time += 3_600_000
  await clear()
})
afterAll(() => strict.stop())

const clear = () => fetch(`${strict.slack.url}/_control/reset`, { method: 'POST' })

/** Shows what is not shown yet, one try. Every post has a second to itself, as the pace of a real process sees to. */
function show(drive: Drive): Promise<'done' | 'busy'> {
  const history = async () => drive.events
  const paced: Messenger = {
    ...messenger,
    post(message, where) {
      strict.time += 1_000
      return messenger.post(message, where)
    },
  }
  const thread = createThread({
    messenger: paced,
    cursors: world.cursors,
    history,
    config: world.config,
    pace: world.pace,
    clock: world.clock,
    log: world.log,
    settles,
    recordHead: world.record.head,
  })
  return project({ ...world, rollouts: { ...world.rollouts, history } }, thread, 1)
}

/** Shows everything, as the queue does, and gives what the channel holds then. */
async function told(drive: Drive): Promise<readonly string[]> {
  for (let tries = 0; tries < 20; tries++) {
    if ((await show(drive).catch(() => 'failed')) === 'done') return strict.texts()
    world.time += settles
  }
  throw new Error('never done')
}

const faults: readonly SlackFault[] = ['off', 'failing', 'throttled', 'nonsense', 'unanswered', 'slow']

test.each(faults)('with Slack %s for a post nothing is lost or doubled', async (fault) => {
  const drive = at('awaiting-sign-off')
  const begun = drive.events[0]?.at ?? 0
  world.time = begun
  const all = await told(drive)
  expect(all.length).toBeGreaterThan(2)

  await clear()
  world = createFakeWorld()
  world.time = begun
  strict.slack.setFault(fault)
  const code = fault === 'throttled' ? 'slack-throttled' : 'slack-unreachable'
  await expect(show(drive)).rejects.toMatchObject({ code })
  // What was asked for may be done although nobody was told.
  const isDone = fault === 'unanswered' || fault === 'slow'
  await expect.poll(strict.texts).toEqual(isDone ? all.slice(0, 1) : [])
  strict.slack.setFault(null)
  world.time += settles
  expect(await told(drive)).toEqual(all)
})

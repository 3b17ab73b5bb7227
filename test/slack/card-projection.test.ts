import { beforeEach, expect, test } from 'vitest'
import type { Pace } from '../../src/ledger/pace.ts'
import { createCard } from '../../src/slack/card-projection.ts'
import { textMessage } from '../../src/slack/message.ts'
import { formerRootsNote, rootNote } from '../../src/slack/threads-of.ts'
import { createFakeWorld, type FakeWorld } from '../jobs/fake-world.ts'
import { prepareRelease, say } from '../jobs/release.ts'
import { createFakeMessenger, type FakeMessenger } from './fake-messenger.ts'

let world: FakeWorld
let slack: FakeMessenger
beforeEach(async () => {
  world = createFakeWorld()
  slack = createFakeMessenger()
  await prepareRelease(world)
  await world.cursors.keep(1, rootNote, await slack.post(textMessage('root', 'The card, as it was posted')))
})

const showCard = () => createCard(world, slack)(1)

/** A pace that answers this, and what it was asked for. */
function paceOf(wait: number): Pace & { readonly asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    hold: async () => undefined,
    async take(...turns) {
      asked.push(turns.join())
      return wait
    },
  }
}

test('the card waits for its turn, and shows the newest state then', async () => {
  const wait = paceOf(300)
  const show = createCard({ ...world, pace: wait }, slack)
  expect(await show(1)).toBe('busy')
  await say(world, { type: 'pause', reason: 'lunch' })
  world.time += 300
  expect(await show(1)).toBe('busy')
  expect(wait.asked).toEqual(['card', 'card'])
  expect(slack.edited).toEqual([])
  expect(await showCard()).toBe('done')
  expect(slack.posted[0]?.message.text).toMatch(/paused/)
  expect(slack.edited).toHaveLength(1)
})

test('no card is made before the turn that was waited for, unless time has stepped back', async () => {
  const wait = paceOf(300)
  const taken: string[] = []
  const leases: typeof world.leases = {
    take(name, ms) {
      taken.push(name)
      return world.leases.take(name, ms)
    },
  }
  const show = createCard({ ...world, leases, pace: wait }, slack)
  expect(await show(1)).toBe('busy')
  world.time += 299
  expect(await show(1)).toBe('busy')
  expect(taken).toHaveLength(1)
  world.time += 1
  expect(await show(1)).toBe('busy')
  world.time -= 60_000
  expect(await show(1)).toBe('busy')
  expect(taken).toHaveLength(3)
})

test('a card that has not changed takes no turn', async () => {
  const pace = paceOf(0)
  const show = createCard({ ...world, pace }, slack)
  expect(await show(1)).toBe('done')
  expect(await show(1)).toBe('done')
  expect(pace.asked).toEqual(['card'])
})

test('a card that somebody has deleted is posted again, once, and the thread goes on below it', async () => {
  const old = await world.cursors.note(1, rootNote)
  slack.fates.push('refused')
  expect(await showCard()).toBe('done')
  const root = await world.cursors.note(1, rootNote)
  expect(root).not.toBe(old)
  // What was told below the old one is still there, for whoever compares it.
  expect(await world.cursors.note(1, formerRootsNote)).toBe(old)
  expect(slack.posted.at(-1)).toMatchObject({ ts: root, thread: undefined })
  await say(world, { type: 'pause', reason: 'lunch' })
  await showCard()
  expect(slack.posted).toHaveLength(2)
  expect(slack.posted[1]?.message.text).toMatch(/paused/)
})

test('a card whose second posting was cut short is looked for before it is posted once more', async () => {
  // Refused is the edit; posted, but never answered, is the new card.
  slack.fates.push('refused', 'unanswered')
  await expect(showCard()).rejects.toMatchObject({ code: 'slack-unreachable' })
  slack.fates.push('refused')
  expect(await showCard()).toBe('busy')
  world.time += 2 * world.config.slack.timeout
  slack.fates.push('refused')
  expect(await showCard()).toBe('done')
  expect(slack.posted).toHaveLength(2)
  expect(await world.cursors.note(1, rootNote)).toBe(slack.posted[1]?.ts)
})

test('a card that can’t be edited for another reason is tried again, not posted', async () => {
  slack.fates.push('throttled')
  await expect(showCard()).rejects.toMatchObject({ code: 'slack-throttled' })
  expect(slack.posted).toHaveLength(1)
})

test('a card that Slack does not take as it is shows at least where it stands, and is logged once', async () => {
  slack.fates.push('untaken')
  expect(await showCard()).toBe('done')
  expect(slack.posted).toHaveLength(1)
  expect(slack.posted[0]?.message.blocks[0]).toMatchObject({ block_id: 'event/claude-enhancer/1/1', type: 'section' })
  expect(slack.posted[0]?.message.text).toMatch(/awaiting sign-off of phase 1/)
  expect(JSON.stringify(slack.posted[0]?.message.blocks)).toContain('"action_id":"roll-back"')
  expect(world.errors).toHaveLength(1)
  const show = createCard(world, slack)
  for (const type of ['pause', 'resume'] as const) {
    slack.fates.push('untaken')
    await say(world, type === 'pause' ? { type, reason: 'lunch' } : { type })
    await show(1)
  }
  expect(world.errors).toHaveLength(2)
})

test('a card whose buttons are what Slack does not take shows without them where it stands', async () => {
  slack.fates.push('untaken', 'untaken')
  expect(await showCard()).toBe('done')
  expect(slack.posted[0]?.message.blocks).toMatchObject([{ block_id: 'event/claude-enhancer/1/1', type: 'section' }])
  expect(slack.posted[0]?.message.blocks).toHaveLength(1)
  expect(world.errors).toHaveLength(1)
})

test('a deleted card that Slack does not take as it is, is posted again all the same', async () => {
  slack.fates.push('refused', 'untaken')
  expect(await showCard()).toBe('done')
  expect(slack.posted).toHaveLength(2)
  expect(await world.cursors.note(1, rootNote)).toBe(slack.posted[1]?.ts)
})

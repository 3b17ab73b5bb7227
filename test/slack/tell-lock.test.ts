import { beforeEach, expect, test } from 'vitest'
import type { Leases } from '../../src/ledger/leases.ts'
import type { Actor } from '../../src/rollout/events.ts'
import type { Lock } from '../../src/rollout/hold.ts'
import { type LockNews, tellLock } from '../../src/slack/tell-lock.ts'
import { createFakeWorld, type FakeWorld } from '../jobs/fake-world.ts'
import { createFakeMessenger, type FakeMessenger, type Fate } from './fake-messenger.ts'

const settles = 20_000
const somebody = (id: string): Actor => ({ id, name: id, via: 'slack' })
const lockOf = (id: string): Lock => ({ id, by: somebody('U1'), at: 1_000_000, reason: `<!channel> ${id}` })

let world: FakeWorld
let messenger: FakeMessenger
beforeEach(() => {
  world = createFakeWorld()
  messenger = createFakeMessenger()
  Object.assign(world, { leases: leasesOf(() => world.time) })
})

/** One lease, for as long as it is taken. */
function leasesOf(now: () => number): Leases {
  let until = 0
  return {
    async take(_, ms) {
      if (until > now()) return null
      until = now() + ms
      return {
        async renew(more) {
          until = now() + more
          return true
        },
        async release() {
          until = 0
        },
      }
    },
  }
}

const tellOf = (news: LockNews) => tellLock(world, messenger, settles, news)
const said = () => messenger.posted.map(({ message }) => message.text)

async function locks(id: string): Promise<LockNews> {
  const lock = await world.locks.lock(lockOf(id))
  if (lock === 'unlocked-since') throw new Error('unlocked since')
  return { id, at: lock.at, lock }
}

async function unlocks(id: string): Promise<LockNews> {
  const lock = await world.locks.unlock(id, world.time)
  if (lock === null || lock === 'locked-since') throw new Error('nothing is locked')
  return { id, at: world.time, lock, liftedBy: somebody('U2') }
}

test('a lock and its end are told in the channel, once each, harmless whatever the reason', async () => {
  const locked = await locks('l1')
  for (const _ of ['once', 'again']) expect(await tellOf(locked)).toBe('done')
  const unlocked = await unlocks('u1')
  for (const _ of ['once', 'again']) expect(await tellOf(unlocked)).toBe('done')
  expect(messenger.posted.map(({ thread }) => thread)).toEqual([undefined, undefined])
  expect(said()).toEqual([
    expect.stringContaining(': *Locked* by <@U1>: &lt;!channel&gt; l1. Nothing starts'),
    expect.stringMatching(/: \*Unlocked\* by <@U2>\. It was locked by <@U1> since .*: &lt;!channel&gt; l1\.$/),
  ])
})

test('a lock that was lifted before it could be told is told by its end alone', async () => {
  const locked = await locks('l1')
  const unlocked = await unlocks('u1')
  for (const news of [locked, unlocked]) expect(await tellOf(news)).toBe('done')
  expect(said()).toEqual([expect.stringContaining('*Unlocked* by <@U2>')])
})

test('an end that is told late says what has been locked since', async () => {
  await locks('l1')
  const unlocked = await unlocks('u1')
  await tellOf(await locks('l2'))
  await tellOf(unlocked)
  expect(said()[1]).toMatch(/\*Unlocked\* .* l1\. \*Locked again\* by <@U1> since .*l2\.$/)
})

const fates: readonly Fate[] = ['lost', 'unanswered']
test.each(fates)('a post that was %s is looked for when it must have come, and is there once', async (fate) => {
  const locked = await locks('l1')
  messenger.fates.push(fate)
  await expect(tellOf(locked)).rejects.toMatchObject({ code: 'slack-unreachable' })
  expect(await tellOf(locked), 'it may still come').toBe('again')
  world.time += settles
  expect(await tellOf(locked)).toBe('done')
  expect(said()).toHaveLength(1)
})

const refusals: readonly Fate[] = ['refused', 'throttled']
test.each(refusals)('one that Slack has %s is made again at once', async (fate) => {
  const locked = await locks('l1')
  messenger.fates.push(fate)
  await expect(tellOf(locked)).rejects.toMatchObject({ code: `slack-${fate}` })
  expect(await tellOf(locked)).toBe('done')
  expect(said()).toHaveLength(1)
})

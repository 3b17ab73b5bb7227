import { beforeEach, expect, test } from 'vitest'
import { shift } from '../../src/jobs/shift.ts'
import type { Ask, Wish } from '../../src/slack/ask.ts'
import { card } from '../../src/slack/blocks/card.ts'
import { answerOnRecord } from '../../src/slack/on-record.ts'
import { createThread } from '../../src/slack/thread.ts'
import { createFakeWorld, type FakeWorld } from '../jobs/fake-world.ts'
import { prepareRelease, say, sign, stateOf } from '../jobs/release.ts'
import { createFakeMessenger, type FakeMessenger } from './fake-messenger.ts'
import { quietDesk } from './quiet-desk.ts'

let world: FakeWorld
let slack: FakeMessenger
beforeEach(async () => {
  world = createFakeWorld()
  slack = createFakeMessenger()
  await prepareRelease(world)
})

const sre = createFakeWorld().config.roles.sre?.users[0] ?? ''

let wishes = 0
async function asks(user: string, ask: Ask) {
  const wish: Wish = { id: `w${++wishes}`, at: world.time, user: { id: user, name: user }, ask }
  return { ...(await answerOnRecord(quietDesk(world), wish, () => undefined)), entry: await world.record.find(wish.id) }
}

/** What the thread says of the newest event. */
async function told(): Promise<string> {
  const thread = createThread({
    messenger: slack,
    cursors: world.cursors,
    history: world.rollouts.history,
    config: world.config,
    pace: world.pace,
    clock: world.clock,
    log: world.log,
    settles: 0,
    recordHead: async () => null,
  })
  const state = await stateOf(world)
  const event = (await world.rollouts.history(1)).at(-1)
  if (event === undefined) throw new Error('nothing happened')
  await world.cursors.keep(1, 'root', '1.0')
  await thread.show([{ event, state, uncertain: false }], async () => undefined)
  return JSON.stringify(slack.posted.at(-1)?.message.blocks)
}

test('a handover says who took over from whom, where it stands, what is open and what happened since', async () => {
  const { text, entry } = await asks(sre, { kind: 'handover', to: 'U0NIGHT' })
  expect(text).toBe('Handed over: @U0NIGHT is in charge. The thread says so.')
  expect(entry).toMatchObject({ outcome: 'done', ask: { kind: 'handover', to: 'U0NIGHT' } })
  const first = await told()
  expect(first).toContain('*<@U0NIGHT> takes over from <@U000DEVOPS>* (said <@U000SRE>).')
  expect(first).toContain('*Where it stands:* awaiting sign-off of phase 1. The canary gets 0 %.')
  expect(first).toContain('phase 1 needs the sign-off of commander, sre')
  expect(first).toContain('<@U000DEVOPS>: rollout started')

  await sign(world)
  await shift(world, 1, false)
  await say(world, { type: 'pause', reason: 'looking <!channel>' })
  await asks(sre, { kind: 'handover', to: sre })
  const second = await told()
  expect(second).toContain('*<@U000SRE> takes over from <@U0NIGHT>*.')
  expect(second).toContain('• paused by <@U000SRE>')
  expect(second).toMatch(/Since then:.*handed over.*signed off as commander.*phase started, phase 1.*paused: looking/)
  expect(second).not.toContain('rollout started')
  expect(second).not.toContain('<!channel>')
})

test('whoever is in charge stands on the card, and gets no right by it', async () => {
  await asks(sre, { kind: 'handover', to: 'U0NIGHT' })
  const facts = { readings: [], observed: 0, wanted: 0, known: {}, byHand: null, holds: {}, at: world.time }
  expect(JSON.stringify(card('Shop', await stateOf(world), facts))).toContain('In charge: <@U0NIGHT>.')
  expect((await asks('U0NIGHT', { kind: 'approve' })).refused).toBe('role-not-held')
})

test('nobody takes over who is in charge already, or no full member', async () => {
  expect(await asks(sre, { kind: 'handover', to: 'U000DEVOPS' })).toMatchObject({ refused: 'in-charge-already' })
  world.people.gone.add('U0GUEST')
  const { refused, text } = await asks(sre, { kind: 'handover', to: 'U0GUEST' })
  expect(refused).toBe('handover-outside')
  expect(text).toContain('@U0GUEST is no full member')
  expect((await stateOf(world)).handover).toBeUndefined()
})

import { beforeEach, expect, test } from 'vitest'
import { own } from '../../src/jobs/outcome.ts'
import { pageOf } from '../../src/jobs/page-texts.ts'
import { pageActions } from '../../src/rollout/pages.ts'
import { answerWish } from '../../src/slack/answer-wish.ts'
import type { Ask, Wish } from '../../src/slack/ask.ts'
import { card } from '../../src/slack/blocks/card.ts'
import { threadText } from '../../src/slack/texts.ts'
import { createFakeWorld, type FakeWorld } from '../jobs/fake-world.ts'
import { say, startRelease, stateOf } from '../jobs/release.ts'
import { quietDesk } from './quiet-desk.ts'

const may = 'up to 5 % (not confirmed)'

let world: FakeWorld
/** The weight of phase 1 may be written, and is not on record. */
beforeEach(async () => {
  world = createFakeWorld()
  await startRelease(world)
  await world.rollouts.execute(1, own(world, { type: 'record-canary-ready', phase: 1, replicas: 1, ms: 900 }))
})

async function asks(ask: Ask): Promise<string> {
  const user = { id: world.config.roles.sre?.users[0] ?? '', name: 'ann' }
  const wish: Wish = { id: `w-${ask.kind}`, at: world.time, user, from: { via: 'command', channel: 'C1' }, ask }
  return (await answerWish(quietDesk(world), wish)).text
}

async function cardText(): Promise<string> {
  const facts = { readings: [], observed: 0, wanted: 0, known: {}, holds: {}, byHand: null, at: world.time }
  return JSON.stringify(card('shop', await stateOf(world), facts))
}

test('a shift that is not on record is said to be one by everybody who is asked', async () => {
  expect(await asks({ kind: 'status' })).toContain(`The canary gets ${may}.`)
  expect(await asks({ kind: 'rollback', reason: '', forced: false, confirmed: false })).toContain(
    `The canary gets ${may} now.`,
  )
  expect(await cardText()).toContain(`Canary at *${may}*.`)
  await say(world, { type: 'pause', reason: '' })
  expect(await cardText()).toContain(`The canary gets ${may} and is watched.`)
})

test('nor is it said to be none where the traffic can’t be taken back', async () => {
  await say(world, { type: 'roll-back', reason: 'looks wrong', forced: false })
  const failed = {
    type: 'record-rollback-failure',
    code: 'cluster-unreachable',
    what: 'No answer.',
    todo: 'Look.',
  } as const
  await world.rollouts.execute(1, own(world, failed))
  const state = await stateOf(world)
  const event = (await world.rollouts.history(1)).at(-1) ?? expect.fail('nothing happened')
  const [action] = pageActions(event, state)
  const page = pageOf(event, state, action?.key ?? '')
  const told = `ROLLBACK NOT DONE. The canary still gets ${may}.`
  expect(page.summary).toContain(told)
  expect(page.details.weight).toBe(may)
  expect(threadText(event, state)?.text).toContain(told)
  expect(await cardText()).toContain(`*The canary still gets ${may}.*`)
  expect(await asks({ kind: 'status' })).toContain(`The canary gets ${may}.`)
})

import { beforeEach, expect, test } from 'vitest'
import { own } from '../../src/jobs/outcome.ts'
import { shift } from '../../src/jobs/shift.ts'
import type { State } from '../../src/rollout/state.ts'
import { answerWish } from '../../src/slack/answer-wish.ts'
import type { Ask } from '../../src/slack/ask.ts'
import { card } from '../../src/slack/blocks/card.ts'
import { eventButtons } from '../../src/slack/event-buttons.ts'
import { threadText } from '../../src/slack/texts.ts'
import { createFakeWorld, type FakeWorld } from '../jobs/fake-world.ts'
import { say, startRelease, stateOf } from '../jobs/release.ts'
import { spec } from '../rollout/drive.ts'
import { quietDesk } from './quiet-desk.ts'

let world: FakeWorld
/** Phase 1 has started, and was held until its sign-offs expired. */
beforeEach(async () => {
  world = createFakeWorld()
  await startRelease(world)
  world.time += spec.signOffExpires
  await shift(world, 1, false)
})

async function asks(role: string, ask: Ask): Promise<string> {
  const [id = ''] = world.config.roles[role]?.users ?? []
  return (await answerWish(quietDesk(world), { id: world.newId(), at: world.time, user: { id, name: role }, ask })).text
}

/** The card as it stands now. */
function shown(state: State): string {
  const facts = { readings: [], observed: 0, wanted: 0, known: {}, byHand: null, holds: {}, at: world.time }
  return JSON.stringify(card('Shop', state, facts))
}

test('thread and card offer to let it go on, and not to try again', async () => {
  const last = (await world.rollouts.history(1)).at(-1) ?? expect.fail('no event')
  const state = await stateOf(world)
  expect(threadText(last, state)?.text).toMatch(
    /^\*Stuck in phase 1: Phase 1 has not had its weight.*\/deploy override/,
  )
  expect(eventButtons(last, state).map((b) => b.action)).toEqual(['override', 'roll-back'])
  expect(shown(state)).toContain('Override the hold…')
})

test('it waits for the role that decides, and for nobody else', async () => {
  expect(await asks('sre', { kind: 'mine' })).toBe('Nothing waits for you.')
  expect(await asks(spec.decides, { kind: 'mine' })).toContain(
    'Let it go on (`/deploy override <reason>`), or roll back',
  )
})

test('a step that failed otherwise is no longer offered to be tried again once its sign-offs have lapsed', async () => {
  world = createFakeWorld()
  await startRelease(world)
  const signedUntil = world.time + spec.signOffExpires
  const failed = { code: 'canary-slow', what: 'Slow.', todo: 'Look at the pods, then Retry.' }
  await world.rollouts.execute(1, own(world, { type: 'record-step-failed', step: 'shift', phase: 1, ...failed }))
  const offers = async () => ({
    card: shown(await stateOf(world)),
    sre: await asks('sre', { kind: 'mine' }),
    decides: await asks(spec.decides, { kind: 'mine' }),
    advance: await asks('sre', { kind: 'advance' }),
  })
  world.time = signedUntil - 1
  const before = await offers()
  expect(before.card).not.toContain('verride')
  for (const text of Object.values(before)) expect(text).toContain('Retry')
  world.time = signedUntil
  const { sre, ...lapsed } = await offers()
  expect(sre).toBe('Nothing waits for you.')
  expect(lapsed.card).toContain('Override the hold…')
  expect(lapsed.card).toContain('The sign-offs of its phase stand no more.')
  for (const text of Object.values(lapsed)) {
    expect(text).not.toContain('Retry')
    expect(text).toMatch(/\/deploy override (<|&lt;)reason/)
  }
})

test('a retry and a request say what would work', async () => {
  const both: readonly Ask[] = [{ kind: 'retry' }, { kind: 'advance' }]
  for (const ask of both) expect(await asks('sre', ask)).toContain('/deploy override <reason>')
})

test('an override is told with what it was stopped for, and who may not is told who may', async () => {
  const ask: Ask = { kind: 'override', reason: 'still wanted' }
  expect(await asks('sre', ask)).toContain(spec.decides)
  expect((await stateOf(world)).failure).toBeDefined()
  await asks(spec.decides, ask)
  const last = (await world.rollouts.history(1)).at(-1) ?? expect.fail('no event')
  expect(threadText(last, await stateOf(world))?.text).toMatch(
    /^\*Overridden\* by .*what its phase was stopped for \(Phase 1 has not had its weight.*\)\. still wanted/,
  )
  await say(world, { type: 'pause', reason: '' })
  await say(world, { type: 'resume' })
  await shift(world, 1, false)
  expect(world.weights.green).toBe(5)
})

test('it does not wait for whoever asked for the phase and may not sign for it', async () => {
  world = createFakeWorld()
  const { roles } = world.config
  const users = [...(roles.commander?.users ?? []), ...(roles.devops?.users ?? [])]
  const shared = { ...roles, commander: { ...(roles.commander ?? expect.fail('no role')), users } }
  Object.assign(world, { config: { ...world.config, roles: shared } })
  await startRelease(world, { ...spec, phases: spec.phases.map((p) => ({ ...p, requesterMaySign: false })) })
  world.time += spec.signOffExpires
  await shift(world, 1, false)
  const letsGoOn = 'Let it go on (`/deploy override <reason>`)'
  expect(await asks('devops', { kind: 'mine' })).not.toContain(letsGoOn)
  expect(await asks('devops', { kind: 'override', reason: 'still wanted' })).toContain('You asked for this yourself')
  expect(await asks('commander', { kind: 'mine' })).toContain(letsGoOn)
})

import { beforeEach, describe, expect, test } from 'vitest'
import { own } from '../../src/jobs/outcome.ts'
import { prepare } from '../../src/jobs/prepare.ts'
import { rollBack } from '../../src/jobs/roll-back.ts'
import { shift } from '../../src/jobs/shift.ts'
import { answerWish } from '../../src/slack/answer-wish.ts'
import type { Ask, Wish } from '../../src/slack/ask.ts'
import { card } from '../../src/slack/blocks/card.ts'
import { createLook } from '../../src/slack/look.ts'
import { readReference } from '../../src/slack/reference.ts'
import { threadText } from '../../src/slack/texts.ts'
import { createFakeWorld, type FakeWorld } from '../jobs/fake-world.ts'
import { eventsOf, nextPhase, say, sign, startRelease, stateOf } from '../jobs/release.ts'
import { holderOf, service, spec } from '../rollout/drive.ts'
import { badFigures } from '../rollout/ways.ts'
import { onReport, quietDesk } from './quiet-desk.ts'

let world: FakeWorld
beforeEach(() => {
  world = createFakeWorld()
})

const commander = holderOf('commander')
let wishes = 0

/** What a commander has entered in a form, or pressed. */
function asks(ask: Ask, more: Partial<Wish> = {}) {
  wishes += 1
  const user = { id: commander.id, name: commander.name }
  return answerWish(quietDesk(world), { id: `w${wishes}`, at: world.time, user, ask, ...more })
}

/** The card's Accept…, as its form is submitted. */
const accepts = (seen: number) =>
  asks({ kind: 'accept-targets', reason: 'it is known', seen }, { target: { rollout: 1, version: 1 } })

/** A start that waits for somebody to accept the report's warnings. */
async function startWarned(): Promise<void> {
  const warnings = ['Certificates: the old one ends in 20 days']
  const { version, image } = spec
  const report = { id: 'r', version, image, validUntil: world.time + 60_000, blocks: 0, warnings }
  await world.rollouts.start({ type: 'start', id: 'start', at: world.time, by: holderOf('devops'), spec, report })
}

/** Goes on until a soak is over whose targets did not hold. */
async function missTargets(): Promise<void> {
  await prepare(world, 1, false)
  await sign(world)
  await shift(world, 1, false)
  const observed = spec.phases[0]?.soak ?? 0
  world.time += observed
  const figures = [...badFigures]
  await world.rollouts.execute(1, own(world, { type: 'record-soak', phase: 1, of: 'soak', observed, figures }))
  expect((await stateOf(world)).stage).toBe('waiting')
}

describe('a form that was opened for the warnings of the report', () => {
  test('accepts them', async () => {
    await startWarned()
    expect((await accepts(world.time)).refused).toBeUndefined()
    expect(await eventsOf(world)).toContain('warnings-accepted')
  })

  test('accepts no figures that came later, whoever accepted the warnings', async () => {
    await startWarned()
    const opened = world.time
    world.time += 1_000
    await accepts(world.time)
    const late = await accepts(opened)
    expect(late).toMatchObject({ refused: 'button-over' })
    expect(late.text).toContain(`@${commander.id} accepted the warnings`)
    await missTargets()
    expect(await accepts(opened)).toMatchObject({ refused: 'button-over' })
    expect((await stateOf(world)).stage).toBe('waiting')
  })

  test('accepts no rollout whose record was lost since', async () => {
    await startWarned()
    const opened = world.time
    world.time += 1_000
    await accepts(world.time)
    await missTargets()
    world.time += 1_000
    const fence = { rollout: 1, version: 99, hash: 'b'.repeat(64) }
    const { parts } = await stateOf(world)
    if (parts === undefined) throw new Error('not prepared')
    await world.rollouts.execute(1, own(world, { type: 'record-newer-fence', ...parts, weight: 100, fence }))
    expect((await stateOf(world)).lost).toBeDefined()
    expect(await accepts(opened)).toMatchObject({ refused: 'said-before' })
    expect((await accepts(world.time)).refused).toBeUndefined()
  })
})

test('figures are accepted by a form that was opened for them, and by none from before', async () => {
  await startWarned()
  await accepts(world.time)
  await missTargets()
  const awaited = (await world.rollouts.history(1)).at(-1)?.version ?? 0
  const submit = (seen: number) =>
    asks({ kind: 'accept-targets', reason: 'a known peak', seen }, { target: { rollout: 1, version: awaited } })
  expect(await submit(world.time - 1)).toMatchObject({ refused: 'said-before' })
  expect((await submit(world.time)).refused).toBeUndefined()
  expect(await say(world, { type: 'advance' })).not.toHaveProperty('refusal')
})

/** What the form of `/deploy` is about when it is opened now. */
async function formTarget() {
  const { about } = await createLook(world, onReport, () => []).form({ id: commander.id, name: 'ann' }, world.time)
  return readReference(about, service) ?? expect.fail('about nothing')
}

/** The card as it stands now. */
async function cardBlocks() {
  const facts = { readings: [], observed: 0, wanted: 0, known: {}, holds: {}, byHand: null, at: world.time }
  return card('Shop', await stateOf(world), facts).blocks
}

const cardText = async () => JSON.stringify(await cardBlocks())

/** What the card's button is about as it stands now. */
async function cardTarget(action: string) {
  const elements = (await cardBlocks()).flatMap((b) => (b.type === 'actions' ? b.elements : []))
  const button = elements.find((one) => one.type === 'button' && one.action_id === action)
  const value = button?.type === 'button' ? (button.value ?? '') : ''
  return readReference(value, service) ?? expect.fail(`no ${action}`)
}

describe.each([
  ['the form of /deploy', formTarget],
  ['the card', () => cardTarget('resume')],
])('Resume in %s', (_, targetOf) => {
  beforeEach(async () => {
    await startRelease(world)
    await say(world, { type: 'pause', reason: 'lunch' }, 'devops')
  })

  test('goes on', async () => {
    expect((await asks({ kind: 'resume' }, { target: await targetOf() })).refused).toBeUndefined()
    expect((await stateOf(world)).paused).toBeUndefined()
  })

  test('is for the pause that stood there, not for one that came since', async () => {
    const target = await targetOf()
    await say(world, { type: 'resume' }, 'devops')
    await say(world, { type: 'pause', reason: 'it looks wrong' }, 'sre')
    const late = await asks({ kind: 'resume' }, { target })
    expect(late.refused).toBe('button-over')
    expect(late.text).toContain(`@${holderOf('devops').id} had it go on since`)
    expect((await stateOf(world)).paused).toMatchObject({ reason: 'it looks wrong' })
    expect((await asks({ kind: 'resume' }, { target: await targetOf() })).refused).toBeUndefined()
  })
})

describe('the form of /deploy', () => {
  test('asks to skip the soak that there was, not a later one', async () => {
    await startRelease(world)
    await shift(world, 1, false)
    const target = await formTarget()
    const ask = { kind: 'skip-soak', reason: 'it looks fine' } as const
    await nextPhase(world)
    expect(await asks(ask, { target })).toMatchObject({ refused: 'button-over' })
    expect((await asks(ask, { target: await formTarget() })).refused).toBeUndefined()
  })
})

describe.each([
  ['the form of /deploy', formTarget],
  ['the card', () => cardTarget('take-over')],
])('Take over again in %s', (_, targetOf) => {
  const drift = (what: string) =>
    world.rollouts.execute(1, own(world, { type: 'record-drift', what, manager: 'kubectl' }))

  beforeEach(async () => {
    await startRelease(world)
    await shift(world, 1, false)
    await drift('the canary gets 50 %')
  })

  test('is for the change that stood there, not for one that came since', async () => {
    const target = await targetOf()
    await drift('the canary gets 0 %')
    const late = await asks({ kind: 'take-over' }, { target })
    expect(late).toMatchObject({ refused: 'button-over', text: expect.stringContaining('once more') })
    expect((await stateOf(world)).drift?.takenOver).toBeUndefined()
    expect((await asks({ kind: 'take-over' }, { target: await targetOf() })).refused).toBeUndefined()
  })

  test('is good again once taking over has failed', async () => {
    expect((await asks({ kind: 'take-over' }, { target: await targetOf() })).refused).toBeUndefined()
    const order = (await stateOf(world)).drift?.takenOver ?? expect.fail('not taken over')
    const failed = { type: 'record-take-over-failed', order, what: 'Forbidden.', todo: 'Give the right.' } as const
    await world.rollouts.execute(1, own(world, failed))
    expect((await asks({ kind: 'take-over' }, { target: await targetOf() })).refused).toBeUndefined()
    expect((await stateOf(world)).drift?.takenOver).toBeGreaterThan(order)
  })
})

describe('a clean-up that waits for a person', () => {
  const held = (why: string, more: { order: 'due' | 'ordered'; failed?: true }) =>
    world.rollouts.execute(1, own(world, { type: 'record-clean-up-held', track: 'green', why, ...more }))

  beforeEach(async () => {
    await startRelease(world)
    await shift(world, 1, false)
    await say(world, { type: 'roll-back', reason: 'slow', forced: true })
    await rollBack(world, 1, false)
    await held('it still gets requests', { order: 'due' })
  })

  test('stands on the card, with a button that ends it', async () => {
    expect(await cardText()).toContain('The unused pods stay')
    expect((await asks({ kind: 'finish' }, { target: await cardTarget('finish') })).refused).toBeUndefined()
    expect((await stateOf(world)).cleanUp).toBe('ordered')
    expect(await cardText()).toContain('Nothing to do now')
    await expect(cardTarget('finish')).rejects.toThrow('no finish')
    await held('forbidden', { order: 'ordered', failed: true })
    expect(await cardText()).toContain('Cleaning up failed')
    expect((await asks({ kind: 'finish' }, { target: await cardTarget('finish') })).refused).toBeUndefined()
    expect((await stateOf(world)).cleanUp).toBe('due')
  })

  test('is ended by the button for it, not by one from before', async () => {
    const first = await cardTarget('finish')
    await say(world, { type: 'finish' }, 'devops')
    await held('forbidden', { order: 'ordered', failed: true })
    const late = await asks({ kind: 'finish' }, { target: first })
    expect(late).toMatchObject({ refused: 'button-over', text: expect.stringContaining('ordered it') })
    expect((await stateOf(world)).cleanUp).toBe('failed')
  })

  test('is told by status, and to the channel', async () => {
    expect((await asks({ kind: 'status' })).text).toContain('The unused pods stay')
    await say(world, { type: 'finish' }, 'devops')
    expect((await asks({ kind: 'status' })).text).not.toContain('The unused pods stay')
    await held('forbidden', { order: 'ordered', failed: true })
    expect((await asks({ kind: 'status' })).text).toContain('Cleaning up failed')
    const state = await stateOf(world)
    const told = (await world.rollouts.history(1)).filter(({ type }) => type === 'clean-up-held')
    expect(told.map((event) => threadText(event, state)?.broadcast)).toEqual([true, true])
  })
})

describe('“Let it go on…” in the thread', () => {
  const override = (version: number) =>
    asks({ kind: 'override', reason: 'still wanted', seen: world.time }, { target: { rollout: 1, version } })
  const lastVersion = async () => (await world.rollouts.history(1)).at(-1)?.version ?? 0

  /** Phase 1 was held until its sign-offs expired: what the last event offers is pressed. */
  async function lapse(): Promise<number> {
    world.time += spec.signOffExpires
    await shift(world, 1, false)
    expect((await stateOf(world)).failure).toMatchObject({ code: 'sign-offs-lapsed' })
    return lastVersion()
  }

  beforeEach(() => startRelease(world))

  test('lets it go on, and overrides no later lock', async () => {
    const stopped = await lapse()
    expect((await override(stopped)).refused).toBeUndefined()
    const by = holderOf('sre')
    await world.locks.lock({ id: 'l1', by, at: world.time, reason: 'an incident' })
    const late = await override(stopped)
    expect(late).toMatchObject({ refused: 'button-over', text: expect.stringContaining('let it go on since') })
    expect((await stateOf(world)).overridden).not.toHaveProperty('lock')
    const target = { rollout: 1, version: 1 }
    const ofCard = await asks({ kind: 'override', reason: 'still wanted', seen: world.time }, { target })
    expect(ofCard.refused).toBeUndefined()
  })

  test('overrides no freeze and no lock, which its message does not name, and says which holds it', async () => {
    const stopped = await lapse()
    const by = holderOf('sre')
    await world.locks.lock({ id: 'l1', by, at: world.time, reason: 'an incident' })
    world.time += 60_000
    const held = await override(stopped)
    expect(held).toMatchObject({ refused: 'locked', text: expect.stringContaining('an incident') })
    const user = { id: commander.id, name: commander.name }
    const press = { id: 'p1', at: world.time, user, target: { rollout: 1, version: stopped } }
    const ask = { kind: 'override', reason: 'not written yet' } as const
    expect(await createLook(world, onReport, () => []).against({ ...press, ask })).toBe(held.text)
    expect(await stateOf(world)).toMatchObject({ failure: { code: 'sign-offs-lapsed' } })
    await world.locks.unlock('u1', world.time)
    expect((await override(stopped)).refused).toBeUndefined()
  })

  test('is for the stop that it was offered for, and ends with the weight', async () => {
    const first = await lapse()
    await override(first)
    const second = await lapse()
    const late = await override(first)
    expect(late).toMatchObject({ refused: 'button-over', text: expect.stringContaining('let it go on since') })
    await override(second)
    await shift(world, 1, false)
    expect(await override(second)).toMatchObject({ refused: 'button-over' })
  })
})

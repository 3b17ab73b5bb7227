import { beforeEach, describe, expect, test } from 'vitest'
import { own } from '../../src/jobs/outcome.ts'
import { rollBack } from '../../src/jobs/roll-back.ts'
import { shift } from '../../src/jobs/shift.ts'
import type { FreezeWindow } from '../../src/rollout/freeze.ts'
import type { Ask, Wish } from '../../src/slack/ask.ts'
import { card } from '../../src/slack/blocks/card.ts'
import { createLook } from '../../src/slack/look.ts'
import { answerOnRecord } from '../../src/slack/on-record.ts'
import { planMessage } from '../../src/slack/plan-message.ts'
import { threadText } from '../../src/slack/texts.ts'
import { createFakeWorld, type FakeWorld } from '../jobs/fake-world.ts'
import { eventsOf, nextPhase, prepareRelease, say, sign, startRelease, stateOf } from '../jobs/release.ts'
import { hostile } from './hostile.ts'
import { onReport, quietDesk } from './quiet-desk.ts'

let world: FakeWorld
beforeEach(() => {
  world = createFakeWorld()
})

const holder = (role: string) => createFakeWorld().config.roles[role]?.users[0] ?? ''
const [commander, sre] = [holder('commander'), holder('sre')]

let wishes = 0
async function asks(user: string, ask: Ask, more: Partial<Wish> = {}) {
  const id = `w${++wishes}`
  const wish: Wish = { id, at: world.time, user: { id: user, name: user }, ask, ...more }
  return { ...(await answerOnRecord(quietDesk(world), wish, () => undefined)), entry: await world.record.find(id) }
}

/** From 1970 until this moment, or between two. */
function freeze(to: number, from = 0, zone = 'Europe/Berlin'): void {
  const shift = zone === 'UTC' ? 0 : 3_600_000
  const window: FreezeWindow = { title: 'Year end', zone, every: 'dated', from: from && from + shift, to: to + shift }
  Object.assign(world, { config: { ...world.config, freezes: [window] } })
}

const lock: Ask = { kind: 'lock', reason: 'an incident' }
const tick = { type: 'tick', unreachableSince: null } as const

describe('a lock', () => {
  test('keeps releases from starting, and says by whom, since when and why', async () => {
    expect((await asks(sre, lock)).refused).toBeUndefined()
    const { refused, text, entry } = await asks(commander, { kind: 'start', version: '5.1.0' })
    expect(refused).toBe('locked')
    expect(text).toMatch(
      /^Locked by U000SRE since 1970-01-01T00:16:40Z: an incident\..*\/deploy unlock.*commander.*--override/,
    )
    expect(entry).toMatchObject({ outcome: 'refused', code: 'locked' })
    expect(await world.rollouts.current()).toBeNull()
    expect((await asks(sre, { kind: 'status' })).text).toContain('Locked by U000SRE since')
    await asks(commander, { kind: 'unlock' })
    expect((await asks(commander, { kind: 'start', version: '5.1.0' })).refused).toBeUndefined()
  })

  test('keeps the next phase from being asked for, all of them too', async () => {
    await startRelease(world)
    await shift(world, 1, false)
    const observed = world.config.release.phases[0]?.soak ?? 0
    await world.rollouts.execute(1, own(world, { type: 'record-soak', phase: 1, of: 'soak', observed, figures: [] }))
    await asks(sre, lock)
    expect((await asks(sre, { kind: 'advance' })).refused).toBe('locked')
    expect((await asks(sre, { kind: 'advance', all: true })).refused).toBe('locked')
    const { text, message } = await asks(sre, { kind: 'advance', dryRun: true })
    expect(`${text} ${JSON.stringify(message?.blocks)}`).toContain('Not now: Locked by')
  })

  test('stands above the plan that a start would show, unless it is overridden by whoever may', async () => {
    await asks(sre, lock)
    const dry = { kind: 'advance', version: '5.1.0', dryRun: true } as const
    const shown = async (user: string, ask: Ask) => JSON.stringify((await asks(user, ask)).message?.blocks)
    const barred = await shown(commander, dry)
    expect(barred).toContain('Not now: Locked by')
    expect(barred).toContain('Plan of phase 1')
    const overriding = { ...dry, reason: 'it mends the incident', override: true } as const
    expect(await shown(sre, overriding)).toContain('Not now: This needs commander')
    const free = await shown(commander, overriding)
    expect(free).toContain('Plan of phase 1')
    expect(free).not.toContain('Not now')
    expect(await world.rollouts.current()).toBeNull()
  })

  test('holds what is signed until it is lifted, which starts it at once', async () => {
    await prepareRelease(world)
    await asks(sre, lock)
    await sign(world)
    await world.rollouts.execute(1, own(world, tick))
    expect((await stateOf(world)).stage).toBe('awaiting-sign-off')
    const { text, rollout } = await asks(commander, { kind: 'unlock' })
    expect(text).toBe('Unlocked. It was locked by U000SRE: an incident.')
    expect(rollout).toBe(1)
    expect((await stateOf(world)).stage).toBe('shifting')
    expect((await eventsOf(world)).slice(-2)).toEqual(['unlocked', 'phase-started'])
  })

  test('that begins after the start holds the write of the weight, but never a rollback', async () => {
    await startRelease(world)
    await asks(sre, lock)
    await shift(world, 1, false)
    expect(world.writes).not.toContain('shift 5')
    await asks(sre, { kind: 'unlock' })
    expect(world.jobs.at(-1)?.name).toBe('shift')
    await shift(world, 1, false)
    expect(world.weights.green).toBe(5)
    await asks(sre, lock)
    const rollback: Ask = { kind: 'rollback', reason: '', forced: true, confirmed: false }
    expect((await asks('U0DEVELOPER', rollback)).refused).toBeUndefined()
    await rollBack(world, 1, false)
    expect(world.weights.green).toBe(0)
  })

  test('that begins while the canary starts holds the write, too', async () => {
    await startRelease(world)
    const { size } = world.cluster
    const sized: typeof size = async (...change) => {
      await size(...change)
      await asks(sre, lock)
    }
    Object.assign(world, { cluster: { ...world.cluster, size: sized } })
    await shift(world, 1, false)
    expect((await eventsOf(world)).at(-1)).toBe('canary-ready')
    expect(world.weights.green).toBe(0)
  })

  test('that begins while the process stands still before its write holds that, too', async () => {
    await startRelease(world)
    const { cluster } = world
    const late: typeof cluster.shift = async (...order) => {
      const { text } = await asks(sre, lock)
      expect(text).toContain('Phase 1 is starting: if its weight was being written at this very moment')
      world.time += 60_000
      return cluster.shift(...order)
    }
    Object.assign(world, { cluster: { ...cluster, shift: late } })
    await expect(shift(world, 1, false)).rejects.toMatchObject({ code: 'order-too-old' })
    await shift(world, 1, false)
    expect(world.weights.green).toBe(0)
    Object.assign(world, { cluster })
    await asks(sre, { kind: 'unlock' })
    await shift(world, 1, false)
    expect(world.weights.green).toBe(5)
  })

  test('is one: the second is refused with the first, and nothing is lifted twice', async () => {
    await asks(sre, lock)
    const { refused, text } = await asks(commander, { kind: 'lock', reason: 'another one' })
    expect(refused).toBe('locked-already')
    expect(text).toContain('by U000SRE since 1970-01-01T00:16:40Z: an incident.')
    await asks(commander, { kind: 'unlock' })
    expect(await asks(commander, { kind: 'unlock' })).toMatchObject({
      refused: 'not-locked',
      text: expect.stringMatching(/^Nothing is locked/),
    })
  })

  test('is told in the thread and on the card, harmless whatever its reason', async () => {
    await prepareRelease(world)
    await asks(sre, { kind: 'lock', reason: hostile.slice(0, 400) })
    const state = await stateOf(world)
    const told = (await world.rollouts.history(1)).map((event) => threadText(event, state)?.text ?? '')
    expect(told.at(-1)).toMatch(/^\*Locked\* by <@U000SRE>: &lt;!channel&gt;/)
    const facts = { readings: [], observed: 0, wanted: 0, known: {}, byHand: null, at: world.time }
    const holds = { lock: (await world.locks.present()) ?? undefined }
    const shown = JSON.stringify(card('Shop', state, { ...facts, holds: { lock: holds.lock ?? missing() } }))
    expect(shown).toContain('*Locked* by <@U000SRE> since')
    expect(shown).not.toContain('<!channel>')
    expect(shown).toContain('Override the hold…')
  })
})

function missing(): never {
  throw new Error('no lock')
}

describe('an override', () => {
  test('of a lock lets this rollout go on, by the deciding role, on record and told to the channel', async () => {
    await startRelease(world)
    await asks(sre, lock)
    const { refused, text } = await asks(sre, { kind: 'override', reason: 'it mends the incident' })
    expect(refused).toBe('role-not-held')
    expect(text).toContain(`Ask @${commander}`)
    const { entry } = await asks(commander, { kind: 'override', reason: 'it mends the incident' })
    expect(entry).toMatchObject({ outcome: 'done', ask: { kind: 'override', reason: 'it mends the incident' } })
    const event = (await world.rollouts.history(1)).at(-1)
    expect(event).toMatchObject({ type: 'hold-overridden', role: 'commander', lock: { reason: 'an incident' } })
    const told = event === undefined ? null : threadText(event, await stateOf(world))
    expect(told).toMatchObject({ broadcast: true })
    expect(told?.text).toMatch(/^\*Overridden\* by <@U000COMMANDER> \(commander\): the lock of <@U000SRE>\. it mends/)
    expect(world.jobs.at(-1)?.name).toBe('shift')
    await shift(world, 1, false)
    expect(world.weights.green).toBe(5)
  })

  test('is not of a lock that its sender had not seen: when the form was opened, or the words were said', async () => {
    await startRelease(world)
    const opened = world.time
    world.time += 60_000
    await asks(sre, lock)
    const override = { kind: 'override', reason: 'the freeze does not matter' } as const
    expect((await asks(commander, { ...override, seen: opened })).refused).toBe('locked')
    expect((await asks(commander, override, { at: opened })).refused).toBe('locked')
    const late = { kind: 'advance', version: '5.2.0', reason: 'x', override: true } as const
    expect((await asks(commander, late, { at: opened })).refused).toBeDefined()
    expect((await stateOf(world)).overridden).toBeUndefined()
    expect((await asks(commander, { ...override, seen: world.time })).refused).toBeUndefined()
  })

  test('is not of a freeze that began after the form was opened; of a lock that stood there neither, then', async () => {
    await startRelease(world)
    await asks(sre, lock)
    const opened = world.time
    world.time += 60_000
    freeze(world.time + 3_600_000, world.time - 30_000)
    const override = { kind: 'override', reason: 'the lock does not matter' } as const
    const late = await asks(commander, { ...override, seen: opened })
    expect(late).toMatchObject({ refused: 'frozen', text: expect.stringContaining('Year end') })
    expect((await stateOf(world)).overridden).toBeUndefined()
    expect((await asks(commander, { ...override, seen: world.time })).refused).toBeUndefined()
    expect((await stateOf(world)).overridden).toMatchObject({ freeze: world.time + 3_600_000 })
  })

  test('ends with the lock that it was for', async () => {
    await startRelease(world)
    await asks(sre, lock)
    await asks(commander, { kind: 'override', reason: 'it mends the incident' })
    await asks(sre, { kind: 'unlock' })
    await asks(sre, lock)
    await shift(world, 1, false)
    expect(world.weights.green).toBe(0)
  })

  test('of a freeze holds up to its end, and not for a longer one', async () => {
    await startRelease(world)
    const until = world.time + 3_600_000
    freeze(until)
    await asks(commander, { kind: 'override', reason: 'it mends the incident' })
    await shift(world, 1, false)
    expect(world.weights.green).toBe(5)
    freeze(until + 1)
    const observed = world.config.release.phases[0]?.soak ?? 0
    await world.rollouts.execute(1, own(world, { type: 'record-soak', phase: 1, of: 'soak', observed, figures: [] }))
    expect(await say(world, { type: 'advance' })).toMatchObject({ refusal: { code: 'frozen' } })
    freeze(until)
    expect(await say(world, { type: 'advance' })).not.toHaveProperty('refusal')
  })

  test('is for what holds: without that it is refused', async () => {
    await startRelease(world)
    expect((await asks(commander, { kind: 'override', reason: 'x' })).refused).toBe('not-possible-now')
  })

  test('at the start takes the deciding role and is an event of the rollout', async () => {
    freeze(world.time + 3_600_000)
    const ask: Ask = { kind: 'advance', version: '5.1.0', reason: 'it mends the incident', override: true }
    expect((await asks(sre, ask)).refused).toBe('role-not-held')
    expect(await world.rollouts.current()).toBeNull()
    const { text, rollout } = await asks(commander, ask)
    expect({ text, rollout }).toMatchObject({ text: expect.stringContaining('Started'), rollout: 1 })
    expect(await eventsOf(world)).toEqual(['rollout-started', 'hold-overridden'])
    await prepareAndSign()
    expect((await stateOf(world)).stage).toBe('shifting')
  })

  test('opens its form only for who may, while something holds', async () => {
    await startRelease(world)
    const look = createLook(world, onReport, () => [])
    const press = (user: string) => {
      const ask: Ask = { kind: 'override', reason: 'not written yet' }
      const target = { rollout: 1, version: 1 }
      return look.against({ id: `p${++wishes}`, at: world.time, user: { id: user, name: user }, target, ask })
    }
    expect(await press(commander)).toContain('Neither a freeze nor a lock')
    await asks(sre, lock)
    expect(await press(commander)).toBeNull()
    expect(await press(sre)).toContain('This needs commander')
  })
})

async function prepareAndSign(): Promise<void> {
  const { prepare } = await import('../../src/jobs/prepare.ts')
  await prepare(world, 1, false)
  await sign(world)
}

describe('a freeze', () => {
  test('says its end in its own zone, and who may override it how', async () => {
    freeze(Date.UTC(1970, 0, 4, 7))
    const { text } = await asks(commander, { kind: 'start', version: '5.1.0' })
    expect(text).toContain('until Sun, 4 Jan 1970, 08:00 (Europe/Berlin)')
    expect(text).toContain('overridden: commander by `/deploy advance 5.1.0 <reason> --override`')
  })

  test('that begins before the release can be through stands in the plan', async () => {
    await startRelease(world)
    await nextPhaseAsked()
    const event = (await world.rollouts.history(1)).find((e) => e.type === 'sign-off-requested')
    if (event?.type !== 'sign-off-requested') throw new Error('nothing was asked for')
    const plan = async () => JSON.stringify(planMessage(event, await stateOf(world), world.config, 'open'))
    freeze(event.at + 30 * 3_600_000, event.at + 60_000, 'UTC')
    expect(await plan()).toContain('*Freeze ahead:* Year end, Thu, 1 Jan 1970, 00:17 (UTC) until Fri, 2 Jan 1970')
    expect(await plan()).toContain('The soaks that are left take 2 h.')
    freeze(event.at + 30 * 3_600_000, event.at + 2 * 3_600_000 + 1, 'UTC')
    expect(await plan()).not.toContain('Freeze ahead')
  })
})

async function nextPhaseAsked(): Promise<void> {
  await shift(world, 1, false)
  await nextPhase(world)
}

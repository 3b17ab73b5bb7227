import { beforeEach, describe, expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import type { EntryToAppend } from '../../src/ledger/record-entry.ts'
import type { PointOfNoReturn } from '../../src/rollout/plan.ts'
import type { Ask, Wish } from '../../src/slack/ask.ts'
import { createFrontDesk, type FrontDesk } from '../../src/slack/desk.ts'
import { createLook } from '../../src/slack/look.ts'
import type { Message } from '../../src/slack/message.ts'
import { answerOnRecord } from '../../src/slack/on-record.ts'
import { createFakeWorld, type FakeWorld } from '../jobs/fake-world.ts'
import { startRelease } from '../jobs/release.ts'
import { createFakeMessenger } from './fake-messenger.ts'
import { quietDesk } from './quiet-desk.ts'

let world: FakeWorld
let desk: FrontDesk
let ordered: string[] = []
let reasons: string[] = []
let told: string[] = []
/** The buttons of the last answer. */
let actions: unknown[] = []
let values: unknown[] = []
let later: EntryToAppend[] = []
/** The point of no return that was passed. */
let point: PointOfNoReturn | null = null
beforeEach(() => {
  world = createFakeWorld()
  point = null
  ;[ordered, reasons, told, later] = [[], [], [], []]
  desk = deskOf(world)
})

const away = new SlipwayError('ledger-unavailable', { after: 1_000 })

/** The desk of a Redis that answers so (by default it is away). */
function deskOf(world: FakeWorld, error: SlipwayError = away): FrontDesk {
  const emergency = {
    canTakeBack: true,
    passed: async () => point,
    takeBack: async ({ by, reason }: { by: { id: string }; reason: string }) => {
      ordered.push(by.id)
      reasons.push(reason)
      const marked = point === null ? {} : { pointOfNoReturn: { ...point, weight: 5 } }
      return { service: 'shop', rollout: 1, stable: 'blue', from: 5, to: 0, steps: [], ...marked } as const
    },
  }
  const messenger = {
    ...createFakeMessenger(),
    async tell(_: string, { text, blocks }: Message) {
      told.push(text)
      const pressed = blocks.flatMap((b) => (b.type === 'actions' ? b.elements : []))
      actions = pressed.map((e) => e.action_id)
      values = pressed.flatMap((e) => (e.type === 'button' ? [e.value] : []))
    },
  }
  const reports = {
    save: async () => undefined,
    find: async () => null,
    newestVersion: async () => null,
    keep: async () => undefined,
    startedOn: async () => null,
  }
  const look = createLook(world, reports, () => [])
  return createFrontDesk({ add: () => Promise.reject(error) }, emergency, messenger, 'shop', look, (entry) =>
    later.push(entry),
  )
}

/** Somebody asks for something. */
const asks = (user: string, ask: Ask, more: Partial<Wish> = {}) =>
  desk.take({ id: 'w', at: 1, user: { id: user, name: user }, ask, ...more })
const rollback: Extract<Ask, { kind: 'rollback' }> = { kind: 'rollback', reason: '', forced: true, confirmed: false }

describe('while Redis is away', () => {
  test('a rollback is carried out at once, and recorded later', async () => {
    await asks('U0DEVELOPER', rollback)
    expect(ordered).toEqual(['U0DEVELOPER'])
    expect(told).toEqual([expect.stringContaining('Rolled back without Redis')])
    expect(later).toMatchObject([{ id: 'w', outcome: 'done', by: { id: 'U0DEVELOPER' } }])
  })

  test.each<Ask>([rollback, { kind: 'status' }, { kind: 'pause', reason: '' }])(
    'somebody who is known to be a guest is refused: $kind',
    async (ask) => {
      world.people.gone.add('U0GUEST')
      await asks('U0GUEST', ask)
      expect(ordered).toEqual([])
      expect(told).toEqual([expect.stringContaining('full members')])
      expect(later).toMatchObject([{ outcome: 'refused', code: 'not-a-member' }])
    },
  )

  test('a rollback does not wait to learn who ordered it', async () => {
    world.people.gone.add('U0GUEST')
    world.people.failing = new SlipwayError('people-unknown', { method: 'users.info' })
    await asks('U0GUEST', rollback)
    expect(ordered).toEqual(['U0GUEST'])
  })

  test('a guest who is on call rolls back', async () => {
    world.people.gone.add('U0GUEST')
    world.people.onCall.add('U0GUEST')
    await asks('U0GUEST', rollback)
    expect(ordered).toEqual(['U0GUEST'])
  })

  test('a rollback without -f is asked about once', async () => {
    await asks('U0DEVELOPER', { ...rollback, forced: false })
    expect(told).toEqual([expect.stringContaining('Take all traffic back to stable?')])
    expect(told[0]).not.toContain('no return')
    expect([ordered, actions]).toEqual([[], ['confirm-roll-back']])
    await asks('U0DEVELOPER', { ...rollback, forced: false, confirmed: true })
    expect(ordered).toEqual(['U0DEVELOPER'])
  })

  test('the reason that somebody gave goes with the yes to its own question, and with nothing else', async () => {
    const yes: Ask = { ...rollback, forced: false, confirmed: true }
    await asks('U0DEVELOPER', { ...rollback, forced: false, reason: 'looks wrong' }, { id: 'q1' })
    expect(values).toEqual(['shop/0/0/q1'])
    await asks('U0DEVELOPER', { ...rollback, forced: false, reason: 'never mind' }, { id: 'q2' })
    await asks('U0OTHER', yes)
    await asks('U0DEVELOPER', yes, { question: 'q1' })
    await asks('U0DEVELOPER', yes)
    await asks('U0DEVELOPER', rollback)
    await asks('U0DEVELOPER', { ...yes, reason: 'written in a form' })
    expect(reasons).toEqual(['', 'looks wrong', '', '', 'written in a form'])
    point = { phase: 1, what: 'the migration', role: 'sre' }
    await asks('U0DEVELOPER', yes, { id: 'q3', question: 'q2' })
    await asks('U0DEVELOPER', { ...rollback, forced: false, confirmed: true, again: true }, { question: 'q3' })
    expect(reasons.at(-1)).toBe('never mind')
  })

  test('and past the point of no return once more; a forced one only warns', async () => {
    point = { phase: 1, what: 'the migration', role: 'sre' }
    const passed = 'past the point of no return: the traffic would go back, but the migration would not be undone.'
    await asks('U0DEVELOPER', { ...rollback, forced: false })
    expect([told[0], actions]).toEqual([expect.stringContaining(passed), ['confirm-roll-back']])
    await asks('U0DEVELOPER', { ...rollback, forced: false, confirmed: true })
    expect([told[1], actions]).toEqual([expect.stringContaining(passed), ['confirm-again']])
    expect(ordered).toEqual([])
    await asks('U0DEVELOPER', { ...rollback, forced: false, confirmed: true, again: true })
    await asks('U0DEVELOPER', rollback)
    expect(ordered).toEqual(['U0DEVELOPER', 'U0DEVELOPER'])
    for (const said of told.slice(2)) expect(said).toContain('but the migration is not undone')
  })

  test('what is not understood is answered, and recorded later', async () => {
    await asks('U0DEVELOPER', { kind: 'unclear', mistake: 'There is no such command.', said: 'rolback' })
    expect(told).toEqual(['There is no such command.'])
    expect(later).toMatchObject([{ outcome: 'refused', code: 'usage', ask: { said: 'rolback' } }])
  })
})

test('a wish that Redis took, and may lose, is carried out all the same where it lasts, and its outcome is on record', async () => {
  desk = deskOf(world, new SlipwayError('hand-over-in-doubt', {}))
  await startRelease(world)
  const [sre = ''] = world.config.roles.sre?.users ?? []
  const wish: Wish = { id: 'w', at: world.time, user: { id: sre, name: 'bo' }, ask: { kind: 'pause', reason: '' } }
  await desk.take(wish)
  expect(told).toEqual([expect.stringContaining('it may be done all the same')])
  for (const entry of later) await world.record.append(entry)
  expect(await answerOnRecord(quietDesk(world), wish, () => undefined)).not.toHaveProperty('refused')
  expect((await world.rollouts.current())?.paused).toBeDefined()
  expect(await world.record.find('w')).toMatchObject({ outcome: 'done', led: { rollout: 1 } })
  expect(await world.record.find('w/in-doubt')).toMatchObject({ outcome: 'refused', code: 'hand-over-in-doubt' })
})

import { beforeEach, describe, expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import type { EntryToAppend } from '../../src/ledger/record-entry.ts'
import type { Ask } from '../../src/slack/ask.ts'
import { createFrontDesk } from '../../src/slack/desk.ts'
import { createLook } from '../../src/slack/look.ts'
import { createFakeWorld, type FakeWorld } from '../jobs/fake-world.ts'
import { createFakeMessenger } from './fake-messenger.ts'

let world: FakeWorld
let ordered: string[] = []
let told: string[] = []
let later: EntryToAppend[] = []
beforeEach(() => {
  world = createFakeWorld()
  ;[ordered, told, later] = [[], [], []]
})

/** Somebody asks for something while Redis is away. */
async function asks(user: string, ask: Ask) {
  const away = async () => {
    throw new SlipwayError('ledger-unavailable', { after: 1_000 })
  }
  const emergency = {
    canTakeBack: true,
    takeBack: async ({ by }: { by: { id: string } }) => {
      ordered.push(by.id)
      return { service: 'shop', rollout: 1, stable: 'blue', from: 5, to: 0, steps: [] } as const
    },
  }
  const messenger = {
    ...createFakeMessenger(),
    tell: async (_: string, { text }: { text: string }) => void told.push(text),
  }
  const reports = { save: async () => undefined, find: async () => null, newestVersion: async () => null }
  const look = createLook(world, reports, () => [])
  const desk = createFrontDesk({ add: away }, emergency, messenger, 'shop', look, (entry) => later.push(entry))
  await desk.take({ id: 'w', at: 1, user: { id: user, name: user }, ask })
}
const rollback: Ask = { kind: 'rollback', reason: '', forced: true, confirmed: false }

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

  test('what is not understood is answered, and recorded later', async () => {
    await asks('U0DEVELOPER', { kind: 'unclear', mistake: 'There is no such command.', said: 'rolback' })
    expect(told).toEqual(['There is no such command.'])
    expect(later).toMatchObject([{ outcome: 'refused', code: 'usage', ask: { said: 'rolback' } }])
  })
})

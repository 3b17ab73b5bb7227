import type { HomeView } from '@slack/web-api'
import { beforeEach, describe, expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import { own } from '../../src/jobs/outcome.ts'
import { rollBack } from '../../src/jobs/roll-back.ts'
import { shift } from '../../src/jobs/shift.ts'
import type { Figure } from '../../src/rollout/events.ts'
import { viewRefusal } from '../../src/sandbox/strict-slack/messages.ts'
import { answerWish } from '../../src/slack/answer-wish.ts'
import { homeView } from '../../src/slack/home-view.ts'
import { createLook } from '../../src/slack/look.ts'
import { createFakeWorld, type FakeWorld } from '../jobs/fake-world.ts'
import { nextPhase, prepareRelease, say, startRelease, stateOf } from '../jobs/release.ts'
import { holderOf } from '../rollout/drive.ts'
import { badFigures } from '../rollout/ways.ts'
import { hostile } from './hostile.ts'
import { onReport, quietDesk } from './quiet-desk.ts'

let world: FakeWorld
beforeEach(() => {
  world = createFakeWorld()
})

const holder = (role: string) => createFakeWorld().config.roles[role]?.users[0] ?? ''

async function mine(role: string): Promise<string> {
  const user = { id: role === 'nobody' ? 'U0DEVELOPER' : holder(role), name: role }
  return (await answerWish(quietDesk(world), { id: world.newId(), at: world.time, user, ask: { kind: 'mine' } })).text
}
const home = (user: string) => createLook(world, onReport, () => []).home(user, world.time)

/** What stands in App Home under a title. */
function partOf({ blocks }: HomeView, title: string): string {
  const texts = blocks.map((block) => JSON.stringify(block))
  return texts.find((text) => text.includes(`"*${title}*`)) ?? expect.fail(`no ${title}`)
}

/** Everything that is observed of a phase's soak. */
async function soak(figures: readonly Figure[] = []): Promise<void> {
  const { phase } = await stateOf(world)
  const observed = world.config.release.phases[phase - 1]?.soak ?? 0
  const outcome = { type: 'record-soak', phase, of: 'soak', observed, figures } as const
  await world.rollouts.execute(1, own(world, outcome))
}

describe('what waits for me', () => {
  test('is nothing before there is a rollout', async () => {
    expect(await mine('sre')).toBe('Nothing waits for you.')
  })

  test('is a sign-off that I may give, until I have given it or may not', async () => {
    await prepareRelease(world)
    expect(await mine('sre')).toMatch(
      /^Claude Enhancer 5\.1\.0: awaiting .*\n• Sign phase 1 as sre, until 1970-.*Z: asked for by DevOps\.$/,
    )
    expect(await mine('technical-lead')).toBe('Nothing waits for you.')
    const { request } = await stateOf(world)
    await say(world, { type: 'approve', request: request?.id ?? 0, roles: ['sre'], holders: [] }, 'sre')
    expect(await mine('sre')).toBe('Nothing waits for you.')
    expect(await mine('commander')).toContain('Sign phase 1 as commander')
  })

  test('is to ask for the next phase, for whoever may', async () => {
    await startRelease(world)
    await shift(world, 1, false)
    expect(await mine('devops')).toBe('Nothing waits for you.')
    await soak()
    expect(await mine('devops')).toContain('Ask for phase 2: `/deploy advance`.')
    expect(await mine('nobody')).toBe('Nothing waits for you.')
  })

  test('is to look at a checkpoint of my role', async () => {
    await startRelease(world)
    await shift(world, 1, false)
    await nextPhase(world)
    await nextPhase(world)
    expect(await mine('quality-lead')).toContain('Look, then tick it off before phase 4, as quality-lead: Users get in')
    expect(await mine('commander')).not.toContain('Look')
  })

  test('is a clean-up that asks, or that failed', async () => {
    await startRelease(world)
    await shift(world, 1, false)
    await say(world, { type: 'roll-back', reason: 'slow', forced: true })
    await rollBack(world, 1, false)
    const held = { type: 'record-clean-up-held', track: 'green', why: 'forbidden', order: 'due' } as const
    await world.rollouts.execute(1, own(world, { ...held, failed: true }))
    expect(await mine('sre')).toContain('• Have the unused pods cleaned up again: the thread says what failed.')
    await say(world, { type: 'finish' })
    expect(await mine('sre')).toBe('Nothing waits for you.')
    await world.rollouts.execute(1, own(world, held))
    expect(await mine('sre')).toContain('• Decide about the unused pods')
    expect(await mine('nobody')).toBe('Nothing waits for you.')
  })

  test('is a decision, for the role that decides', async () => {
    await startRelease(world)
    await shift(world, 1, false)
    await say(world, { type: 'skip-soak', reason: 'seen enough' }, 'sre')
    expect(await mine('commander')).toContain(
      'Decide whether the soak of phase 1 is skipped, asked for by SRE: seen enough.',
    )
    await soak(badFigures)
    expect(await mine('commander')).toMatch(/Decide about the soak of phase 1: it rolls back by itself at 1970-/)
    expect(await mine('sre')).toBe('Nothing waits for you.')
    await say(world, { type: 'roll-back', reason: '', forced: false })
    expect(await mine('commander')).toBe('Nothing waits for you.')
  })
})

describe('App Home', () => {
  test('shows what waits, where the release stands, and the last rollouts', async () => {
    await prepareRelease(world)
    const shown = await home(holder('sre'))
    expect(partOf(shown, 'What waits for you')).toContain('Sign phase 1 as sre')
    expect(partOf(shown, 'Now')).toContain('awaiting sign-off of phase 1')
    expect(partOf(shown, 'The last rollouts')).toContain('#1 5.1.0')
    expect(viewRefusal('views.publish', { view: shown })).toBeNull()
  })

  test('says when it rolls back by itself, also while it is paused', async () => {
    await startRelease(world)
    await shift(world, 1, false)
    await soak(badFigures)
    await say(world, { type: 'pause', reason: 'lunch' })
    const now = partOf(await home(holder('sre')), 'Now')
    expect(now).toContain('paused in phase 1')
    expect(now).toContain('A decision is awaited: it rolls back by itself at ')
  })

  test('shows a guest nothing of it', async () => {
    await prepareRelease(world)
    world.people.gone.add('U0GUEST')
    expect(JSON.stringify(await home('U0GUEST'))).not.toContain('5.1.0')
    expect(partOf(await home('U0GUEST'), 'Now')).toContain('full members')
  })

  test('says so while it can’t be looked up', async () => {
    world.memory.away = true
    expect(partOf(await home(holder('sre')), 'Now')).toContain('Redis did not answer')
    world.memory.away = false
    world.people.failing = new SlipwayError('people-unknown', { method: 'users.info' })
    expect(partOf(await home(holder('sre')), 'Now')).toContain('Slack does not say')
  })

  test('is made also where somebody has written a moment that no calendar has', async () => {
    await prepareRelease(world)
    const reason = 'until 2026-99-99T00:00:00Z'
    await world.locks.lock({ id: 'l', by: holderOf('sre'), at: world.time, reason })
    expect(partOf(await home(holder('sre')), 'Now')).toContain(reason)
  })

  test('keeps to Slack’s limits whatever people have written', () => {
    const lines = Array.from({ length: 60 }, () => hostile)
    const view = homeView({ title: hostile, waiting: lines, status: lines, past: lines, at: 0 })
    expect(viewRefusal('views.publish', { view })).toBeNull()
    expect(JSON.stringify(view.blocks.slice(1))).not.toContain('<!channel>')
  })

  test('of another kind of view is refused by the strict Slack', () => {
    expect(viewRefusal('views.publish', { view: { type: 'modal', blocks: [] } })).not.toBeNull()
  })
})

import { beforeEach, describe, expect, test } from 'vitest'
import { frozenSpec } from '../../src/config/frozen-spec.ts'
import { specOf } from '../../src/jobs/evidence.ts'
import { own } from '../../src/jobs/outcome.ts'
import { pageOf } from '../../src/jobs/page-texts.ts'
import { rollBack } from '../../src/jobs/roll-back.ts'
import { shift } from '../../src/jobs/shift.ts'
import { pageActions } from '../../src/rollout/pages.ts'
import type { Answer } from '../../src/slack/answer.ts'
import { answerWish } from '../../src/slack/answer-wish.ts'
import type { Ask, Wish } from '../../src/slack/ask.ts'
import { card } from '../../src/slack/blocks/card.ts'
import { readQuestion } from '../../src/slack/reference.ts'
import { threadText } from '../../src/slack/texts.ts'
import { createFakeWorld, type FakeWorld } from '../jobs/fake-world.ts'
import { look, prepareRelease, say, sign, stateOf } from '../jobs/release.ts'
import { config } from '../rollout/drive.ts'
import { quietDesk } from './quiet-desk.ts'

const what = 'the migration of <workflows>'
const role = 'technical-lead'
const declared = { ...config, pointsOfNoReturn: [{ version: '5.1.0', phase: 1, what, role }] }
const image = 'registry.example.com/claude-enhancer:5.1.0'

let world: FakeWorld
beforeEach(async () => {
  world = Object.assign(createFakeWorld(), { config: declared })
  await prepareRelease(world, frozenSpec(declared, '5.1.0', image))
})

/** Signed for, and past it. */
async function past(): Promise<void> {
  await say(world, { type: 'tick-checkpoint', checkpoint: 1, roles: [role], holders: [] }, role)
  await sign(world)
  await shift(world, 1, false)
}

const { users = [] } = config.roles.sre ?? {}
let wishes = 0
function ask(ask: Ask, from: Wish['from'] = { via: 'command', channel: 'C1' }, question?: string) {
  wishes += 1
  const user = { id: users[0] ?? '', name: 'ann' }
  return answerWish(quietDesk(world), {
    id: `w${wishes}`,
    at: world.time,
    user,
    from,
    ...(question && { question }),
    ask,
  })
}

/** The wish that an answer's button is the yes for. */
const questionOf = ({ buttons = [] }: Answer) => readQuestion(buttons[0]?.value ?? '')

/** What the thread says of the rollback's order. */
async function told() {
  const event = (await world.rollouts.history(1)).findLast((e) => e.type === 'rollback-ordered')
  return event === undefined ? null : { event, said: threadText(event, await stateOf(world)) }
}

describe('before it', () => {
  test('its own role has to sign for it, apart from the plan; only that version has it', async () => {
    expect((await stateOf(world)).spec.phases[0]?.checkpoints?.at(-1)).toEqual({
      text: `Point of no return: ${what}. A rollback after this does not undo it.`,
      role,
    })
    const { request } = await stateOf(world)
    for (const one of ['commander', 'sre'])
      await say(world, { type: 'approve', request: request?.id ?? 0, roles: [one], holders: [] }, one)
    expect((await stateOf(world)).stage).toBe('awaiting-sign-off')
    const wrong = { type: 'tick-checkpoint', checkpoint: 1, roles: ['sre'], holders: [] } as const
    expect(await say(world, wrong, 'sre')).toMatchObject({ refusal: { code: 'role-not-held' } })
    await say(world, { ...wrong, roles: [role] }, role)
    expect((await stateOf(world)).stage).toBe('shifting')
    expect(frozenSpec(declared, '5.1.1', image).pointOfNoReturn).toBeUndefined()
  })

  test('a rollback is what it always is', async () => {
    await ask({ kind: 'rollback', reason: 'no', forced: false, confirmed: true })
    expect((await told())?.said?.text).not.toContain('point of no return')
  })
})

describe('after it', () => {
  beforeEach(past)

  test('a rollback by hand is warned of and asked about twice, then goes', async () => {
    const first = await ask({ kind: 'rollback', reason: 'slow', forced: false, confirmed: false })
    expect(first.text).toContain('past the point of no return')
    expect(first.buttons?.map((b) => b.action)).toEqual(['confirm-roll-back'])
    const button = { via: 'button', channel: 'C1' } as const
    const yes = { kind: 'rollback', reason: '', forced: false, confirmed: true } as const
    const second = await ask(yes, button, questionOf(first))
    expect(second.buttons?.map((b) => b.action)).toEqual(['confirm-again'])
    expect(await told()).toBeNull()
    await ask({ ...yes, again: true }, button, questionOf(second))
    const { event, said } = (await told()) ?? {}
    expect(event).toMatchObject({ cause: 'person', forced: false, reason: 'slow' })
    expect(said).toMatchObject({ broadcast: true })
    expect(said?.text).toContain('but the migration of &lt;workflows&gt; is not undone')
  })

  test('from a terminal the same words again are the second yes, within five minutes', async () => {
    const words = { kind: 'rollback', reason: 'slow', forced: false, confirmed: true } as const
    const terminal = { via: 'terminal', host: 'h' } as const
    expect((await ask(words, terminal)).text).toContain('say so again within 5 minutes')
    world.time += 6 * 60_000
    expect((await ask(words, terminal)).text).toContain('say so again within 5 minutes')
    wishes -= 1
    expect((await ask(words, terminal)).text, 'the same wish after a crash').toContain('say so again')
    expect(await told()).toBeNull()
    await ask(words, terminal)
    expect((await told())?.event).toMatchObject({ reason: 'slow' })
  })

  test('stands on the card, until the rollout is over', async () => {
    const facts = { readings: [], observed: 0, wanted: 0, known: {}, holds: {}, byHand: null, at: 0 }
    const shown = async () => JSON.stringify(card('Shop', await stateOf(world), facts).blocks)
    expect(await shown()).toContain('does not undo the migration of &lt;workflows&gt;.')
    await say(world, { type: 'roll-back', reason: 'slow', forced: true })
    await rollBack(world, 1, false)
    expect(await shown()).not.toContain('does not undo')
  })

  test('a forced one goes at once, and says what is not undone', async () => {
    await ask({ kind: 'rollback', reason: 'slow', forced: true, confirmed: false })
    const { event, said } = (await told()) ?? {}
    expect(event).toMatchObject({ forced: true })
    expect(said?.text).toContain('This is past the point of no return')
  })

  test('an automatic one goes at once, says it to the channel and in its page', async () => {
    world.samples.set('code=~"5.."', { value: 0.02, at: world.time })
    await look(world, 3)
    const { said } = (await told()) ?? {}
    expect(said).toMatchObject({ broadcast: true })
    const breach = (await world.rollouts.history(1)).find((e) => e.type === 'breach-confirmed')
    if (breach === undefined) throw new Error('no breach')
    const page = pageOf(breach, await stateOf(world), 'k')
    expect(page.summary).toContain(`Past the point of no return: a rollback does not undo ${what}.`)
  })

  test('one that comes because nobody decided pages for itself', async () => {
    const { spec, phase } = await stateOf(world)
    const figures = [{ metric: 'p95', value: 600, good: false }]
    const observed = spec.phases[0]?.soak ?? 0
    await world.rollouts.execute(1, own(world, { type: 'record-soak', phase, of: 'soak', observed, figures }))
    world.time += spec.maxHold
    await world.rollouts.execute(1, own(world, { type: 'tick', unreachableSince: null }))
    const { event } = (await told()) ?? {}
    if (event === undefined) throw new Error('no rollback')
    const state = await stateOf(world)
    expect(event).toMatchObject({ cause: 'hold-expired' })
    expect(pageActions(event, state)).toMatchObject([{ do: 'trigger', cause: 'past-return' }])
    expect(pageOf(event, state, 'k').summary).toContain('nobody decided in time; rolling back. Past the point')
  })

  test('is known also of a rollout that only the cluster remembers', async () => {
    const view = await world.cluster.view()
    if (view.route.mark === null) throw new Error('no mark')
    const spec = specOf(world, view, view.route.mark)
    expect(spec.pointOfNoReturn).toEqual({ phase: 1, what, role })
  })
})

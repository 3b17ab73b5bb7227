import { beforeEach, describe, expect, test } from 'vitest'
import { own } from '../../src/jobs/outcome.ts'
import { prepare } from '../../src/jobs/prepare.ts'
import { shift } from '../../src/jobs/shift.ts'
import { answerWish } from '../../src/slack/answer-wish.ts'
import type { Ask, Wish } from '../../src/slack/ask.ts'
import { createFakeWorld, type FakeWorld } from '../jobs/fake-world.ts'
import { eventsOf, say, sign, stateOf } from '../jobs/release.ts'
import { holderOf, spec } from '../rollout/drive.ts'
import { badFigures } from '../rollout/ways.ts'
import { quietDesk } from './quiet-desk.ts'

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

import { expect, test } from 'vitest'
import { cleanUp } from '../../src/jobs/clean-up.ts'
import { own } from '../../src/jobs/outcome.ts'
import { rollBack } from '../../src/jobs/roll-back.ts'
import { shift } from '../../src/jobs/shift.ts'
import { threadText } from '../../src/slack/texts.ts'
import { spec } from '../rollout/drive.ts'
import { createFakeWorld, type FakeWorld } from './fake-world.ts'
import { eventsOf, nextPhase, say, startRelease, stateOf } from './release.ts'

const argo = { tool: 'Argo CD', source: 'shop', objects: [], text: '' } as const

async function released(): Promise<FakeWorld> {
  const world = createFakeWorld()
  await startRelease(world)
  await shift(world, 1, false)
  for (let phase = 2; phase <= spec.phases.length; phase++) await nextPhase(world)
  return world
}

async function complete(world: FakeWorld): Promise<void> {
  const { phase } = await stateOf(world)
  for (const of of ['soak', 'window'] as const) {
    const observed = of === 'soak' ? (spec.phases[phase - 1]?.soak ?? 0) : spec.rollbackWindow
    await world.rollouts.execute(1, own(world, { type: 'record-soak', phase, of, observed, figures: [] }))
  }
  world.samples.set('increase(http_requests', { value: 0, at: 0 })
  world.time += spec.staleAfter
  await cleanUp(world, 1, false)
}

test('a completed rollout tells once what Git needs, when a tool manages the objects', async () => {
  const world = await released()
  world.shown.gitOps = [argo]
  await complete(world)
  await cleanUp(world, 1, false)
  expect((await eventsOf(world)).slice(-3)).toEqual(['traffic-verified', 'git-behind', 'cleaned-up'])
  const event = (await world.rollouts.history(1)).at(-2)
  if (event === undefined) throw new Error('no event')
  const text = threadText(event, await stateOf(world))?.text
  expect(text).toContain('*Git is behind:* Argo CD (shop) manages these objects.')
  expect(text).toContain('Deployment green\n  /spec/replicas: 6')
})

test('nothing is told where no tool is recognised, nor after a rollback', async () => {
  const world = await released()
  await complete(world)
  expect(await eventsOf(world)).not.toContain('git-behind')

  const back = await released()
  back.shown.gitOps = [argo]
  await say(back, { type: 'roll-back', reason: '', forced: true })
  await rollBack(back, 1, false)
  back.samples.set('increase(http_requests', { value: 0, at: 0 })
  back.time += spec.staleAfter
  await cleanUp(back, 1, false)
  expect((await eventsOf(back)).at(-1)).toBe('cleaned-up')
  expect(await eventsOf(back)).not.toContain('git-behind')
})

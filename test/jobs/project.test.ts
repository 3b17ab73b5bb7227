import { beforeEach, expect, test } from 'vitest'
import { createJournal } from '../../src/jobs/journal.ts'
import { type Projector, project } from '../../src/jobs/project.ts'
import type { Cursors } from '../../src/ledger/cursors.ts'
import { createFakeWorld, type FakeWorld } from './fake-world.ts'
import { prepareRelease, say } from './release.ts'

let world: FakeWorld
beforeEach(async () => {
  world = createFakeWorld()
  await prepareRelease(world)
})

/** A projection that shows the first of every two events, and what it has shown. */
function createEverySecond(): Projector & { readonly shown: number[] } {
  const shown: number[] = []
  return {
    shown,
    name: 'paging',
    settles: 0,
    shows: ({ event }) => event.version % 2 === 1,
    show: async (due) => void shown.push(...due.map(({ event }) => event.version)),
  }
}

test('what shows nothing is passed over: nothing is begun for it, and it is done', async () => {
  const begun: number[] = []
  const begin: Cursors['begin'] = async (rollout, name, version, at) => {
    begun.push(version)
    await world.cursors.begin(rollout, name, version, at)
  }
  const projector = createEverySecond()
  const at = { ...world, cursors: { ...world.cursors, begin } }
  for (const want of [
    { type: 'pause', reason: 'lunch' },
    { type: 'resume' },
    { type: 'pause', reason: 'tea' },
  ] as const)
    await say(world, want)
  expect((await world.rollouts.history(1)).length).toBe(6)
  await project(at, projector, 1)
  expect(projector.shown).toEqual([1, 3, 5])
  expect(begun).toEqual([1, 3, 5])
  expect(await world.cursors.get(1, 'paging')).toMatchObject({ done: 6 })
  await project(at, projector, 1)
  expect(projector.shown).toEqual([1, 3, 5])
})

test('what may be done twice is done without being begun, and all at once where it says so', async () => {
  const lines: string[] = []
  const begun: number[] = []
  const begin: Cursors['begin'] = async (_rollout, _name, version) => void begun.push(version)
  await say(world, { type: 'pause', reason: 'lunch' })
  const before = (await world.rollouts.history(1)).length
  await project(
    { ...world, cursors: { ...world.cursors, begin } },
    createJournal((line) => lines.push(line)),
    1,
  )
  expect(lines.map((line) => JSON.parse(line).version)).toEqual(Array.from({ length: before }, (_, i) => i + 1))
  expect(begun).toEqual([])
  expect(await world.cursors.get(1, 'journal')).toMatchObject({ done: before })
})

import { expect, it } from 'vitest'
import { createDrive } from './drive.ts'
import { at, badFigures, evidence, fail, restore, rollBack, soak } from './ways.ts'

it('changes nothing when any command of a whole rollout comes again, at once or at the end', () => {
  for (const stage of ['complete', 'rolled-back'] as const) {
    const way = at(stage)
    const drive = createDrive()
    const replay = ({ command }: (typeof way.taken)[number]) => {
      const { id, at: when, by, ...want } = command
      drive.wait(Math.max(0, when - drive.now))
      return drive.say(want, by, id)
    }
    for (const taken of way.taken) {
      expect(replay(taken).events).toHaveLength(taken.events.length)
      const before = drive.state
      const again = replay(taken)
      expect(again.events).toEqual([])
      expect(again.refusal).toBeNull()
      expect(drive.state).toBe(before)
    }
    const end = drive.state
    for (const taken of way.taken) expect(replay(taken).events).toEqual([])
    expect(drive.state).toBe(end)
  }
})

it('pauses once for a double click, although it was resumed between the two', () => {
  const drive = at('soaking')
  drive.say({ type: 'pause', reason: '' }, undefined, 'click')
  drive.say({ type: 'resume' })
  expect(drive.say({ type: 'pause', reason: '' }, undefined, 'click').events).toEqual([])
  expect(drive.state).not.toHaveProperty('paused')
})

it('knows repeated commands also after a restart', () => {
  const drive = at('soaking')
  soak(drive, badFigures)
  drive.say({ type: 'extend-soak', ms: 600_000 }, undefined, 'click')
  soak(drive, badFigures)
  const restarted = createDrive(drive.events)
  expect(restarted.state.stage).toBe('waiting')
  expect(restarted.say({ type: 'extend-soak', ms: 600_000 }, undefined, 'click').events).toEqual([])
  expect(restarted.state.extraSoak).toBe(600_000)
})

it('needs no id to take an outcome once: a job that runs again has a new one', () => {
  const drive = at('soaking')
  drive.say({ type: 'record-breach', evidence })
  expect(drive.say({ type: 'record-breach', evidence }).events).toEqual([])
  fail(drive)
  expect(fail(drive).events).toEqual([])
  restore(drive)
  expect(restore(drive).events).toEqual([])
  expect(rollBack(drive).events).toEqual([])
})

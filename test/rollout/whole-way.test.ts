import { expect, it } from 'vitest'
import { requester, types } from './drive.ts'
import { goodFigures, look, prepare, shift, sign, soak, started } from './ways.ts'

it('leads from the start through four phases to complete, and no further', () => {
  const drive = started()
  expect(types(drive.events)).toEqual(['rollout-started'])
  expect(types(prepare(drive).events)).toEqual(['prepared', 'sign-off-requested'])

  const weights: number[] = []
  for (const phase of drive.state.spec.phases) {
    if (phase.number > 1) expect(types(drive.say({ type: 'advance' }).events)).toEqual(['sign-off-requested'])
    look(drive)
    const from = drive.state.version
    sign(drive)
    expect(types(drive.events.slice(from))).toEqual([...phase.roles.map(() => 'signed-off'), 'phase-started'])
    expect(drive.state).toMatchObject({ stage: 'shifting', phase: phase.number, phaseVersion: drive.state.version })
    shift(drive)
    expect(drive.state.stage).toBe('soaking')
    weights.push(drive.state.weight)
    const passed = types(soak(drive).events)
    expect(passed).toEqual(phase.number < 4 ? ['soak-passed'] : ['soak-passed', 'window-opened'])
  }
  expect(weights).toEqual([5, 20, 50, 100])
  expect(drive.state).toMatchObject({ stage: 'released', windowOpenedAt: drive.now })

  expect(types(soak(drive).events)).toEqual(['completed'])
  expect(drive.state).toMatchObject({ stage: 'complete', weight: 100, cleanUp: 'due', completedAt: drive.now })
  expect(types(drive.say({ type: 'record-traffic-verified', track: 'blue' }).events)).toEqual(['traffic-verified'])
  expect(types(drive.say({ type: 'record-cleaned-up', track: 'blue' }).events)).toEqual(['cleaned-up'])
  expect(drive.state.cleanUp).toBe('done')
  expect(drive.taken.filter((t) => t.refusal !== null)).toEqual([])
})

it('keeps for every phase when it started, shifted and ended, who signed, and with which figures', () => {
  const drive = started()
  prepare(drive)
  sign(drive)
  drive.wait(4_000)
  shift(drive)
  const shiftedAt = drive.now
  soak(drive)
  expect(drive.state.phases).toEqual([
    {
      phase: 1,
      startedAt: shiftedAt - 4_000,
      askedBy: requester.id,
      signedUntil: shiftedAt - 4_000 + 30 * 60_000,
      shiftedAt,
      endedAt: shiftedAt + 30 * 60_000,
      observed: 30 * 60_000,
      figures: goodFigures,
      signOffs: [
        expect.objectContaining({ role: 'commander', by: expect.objectContaining({ id: 'U000COMMANDER' }) }),
        expect.objectContaining({ role: 'sre', by: expect.objectContaining({ id: 'U000SRE' }) }),
      ],
    },
  ])
})

it('passes no soak before its observed time is full', () => {
  const drive = started()
  prepare(drive)
  sign(drive)
  shift(drive)
  const record = (observed: number, phase = 1) =>
    types(drive.say({ type: 'record-soak', of: 'soak', phase, observed, figures: goodFigures }).events)
  expect(record(30 * 60_000 - 1)).toEqual([])
  expect(record(90 * 60_000, 2)).toEqual([])
  expect(record(30 * 60_000)).toEqual(['soak-passed'])
  expect(record(31 * 60_000)).toEqual([])
})

it('completes only when the rollback window was watched to its end', () => {
  const drive = started()
  prepare(drive)
  for (const { number } of drive.state.spec.phases) {
    if (number > 1) drive.say({ type: 'advance' })
    sign(drive)
    shift(drive)
    soak(drive)
  }
  drive.wait(24 * 60 * 60_000)
  drive.say({ type: 'tick', unreachableSince: null })
  drive.say({ type: 'record-soak', of: 'window', phase: 4, observed: 30 * 60_000 - 1, figures: goodFigures })
  expect(drive.state.stage).toBe('released')
})

it('takes a job’s late or repeated outcome for nothing', () => {
  const drive = started()
  prepare(drive)
  expect(prepare(drive).events).toEqual([])
  expect(shift(drive).events).toEqual([])
  sign(drive)
  shift(drive)
  expect(shift(drive).events).toEqual([])
  soak(drive)
  drive.say({ type: 'advance' })
  sign(drive)
  const late = drive.say({ type: 'record-shifted', phase: 1, from: 0, weight: 5, steps: [] })
  expect(late.events).toEqual([])
  expect(drive.state).toMatchObject({ stage: 'shifting', phase: 2 })
})

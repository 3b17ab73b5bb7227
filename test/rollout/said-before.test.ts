import { expect, test } from 'vitest'
import type { Wish } from '../../src/rollout/commands.ts'
import { decide } from '../../src/rollout/decide.ts'
import { type Drive, holderOf, service } from './drive.ts'
import { at, shift, sign, soak } from './ways.ts'

/** What a wish is about, how that comes to be, and what it was said before. */
const ways: readonly (readonly [string, Wish, () => Drive, string])[] = [
  ['resume', { type: 'resume' }, paused, 'paused'],
  ['retry', { type: 'retry' }, failed, 'failed'],
  ['take over', { type: 'take-over' }, changed, 'changed'],
  ['soak on', { type: 'extend-soak', ms: 60_000 }, () => at('waiting'), 'awaited'],
  [
    'accept',
    { type: 'accept-targets', reason: 'a known peak', roles: ['commander'], holders: [] },
    () => at('waiting'),
    'awaited',
  ],
  ['scale down all the same', { type: 'finish' }, held, 'held'],
  ['skip the soak', { type: 'skip-soak', reason: 'seen enough' }, nextSoaking, 'phase'],
]

/** Phase 2 soaks: it started now. */
function nextSoaking(): Drive {
  const drive = at('soaked')
  drive.say({ type: 'advance' })
  drive.wait(60_000)
  sign(drive)
  shift(drive)
  return drive
}

function paused(): Drive {
  const drive = at('soaking')
  drive.say({ type: 'pause', reason: 'lunch' })
  return drive
}

function failed(): Drive {
  const drive = at('shifting')
  drive.say({
    type: 'record-step-failed',
    step: 'shift',
    phase: 1,
    code: 'canary-slow',
    what: 'Pods are late.',
    todo: 'Look at them.',
  })
  return drive
}

function held(): Drive {
  const drive = at('complete')
  drive.say({ type: 'record-clean-up-held', track: 'blue', why: 'it still gets requests', order: 'due' })
  return drive
}

function changed(): Drive {
  const drive = at('soaking')
  drive.say({ type: 'record-drift', what: 'the canary gets 0 %', manager: 'kubectl' })
  return drive
}

test.each(ways)('a wish to %s that was said before what it would act on does nothing', (_, want, come, moment) => {
  const { state, now } = come()
  const head = { ...want, id: 'late', by: holderOf('commander') }
  expect(decide(state, { ...head, at: now - 1 }, service)).toMatchObject({
    refusal: { code: 'said-before', detail: { moment } },
  })
  expect(decide(state, { ...head, at: now }, service)).toMatchObject({ events: [{}] })
})

test.each([{}, { all: true as const }])(
  'a wish for the next phase (%j) that was said before this one started asks for none',
  (all) => {
    const drive = nextSoaking()
    const { now: startedAt } = drive
    soak(drive)
    const head = { ...all, type: 'advance', id: 'late', by: holderOf('commander') } as const
    expect(decide(drive.state, { ...head, at: startedAt - 1 }, service)).toMatchObject({
      refusal: { code: 'said-before', detail: { moment: 'phase', phase: 2 } },
    })
    // Said early, in its own phase.
    expect(decide(drive.state, { ...head, at: startedAt }, service)).toMatchObject({ events: [{ phase: 3 }] })
  },
)

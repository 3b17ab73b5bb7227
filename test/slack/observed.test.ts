import { expect, it } from 'vitest'
import { card } from '../../src/slack/blocks/card.ts'
import { limits } from '../../src/slack/message.ts'
import { threadText } from '../../src/slack/texts.ts'
import type { Drive } from '../rollout/drive.ts'
import { observed, observedSpec, seeWeight } from '../rollout/observed-ways.ts'
import { evidence, withoutNumber } from '../rollout/ways.ts'

const facts = {
  readings: [],
  observed: 60_000,
  wanted: 1_800_000,
  byHand: 'kubectl patch …',
  known: {},
  holds: {},
  at: 0,
}
const shown = (drive: Drive) => JSON.stringify(card('Claude Enhancer', drive.state, facts).blocks)
const summary = (drive: Drive) => {
  const end = drive.events.at(-1)
  return end === undefined ? '' : (threadText(end, drive.state)?.text ?? '')
}

it('the card says at once that Slipway only observes, and offers nothing that it could not do', () => {
  const drive = observed()
  seeWeight(drive, 5)
  const { text } = card('Claude Enhancer', drive.state, facts)
  expect(text).toBe('Claude Enhancer 5.1.0: ONLY OBSERVED, canary at 5 %')
  expect(shown(drive)).toContain('It does not shift traffic, does not roll back and does not page')
  expect(shown(drive)).toContain('by hand: `kubectl patch …`')
  const actions = [...shown(drive).matchAll(/"action_id":"([^"]+)"/g)].map(([, action]) => action)
  expect(actions).toEqual(['advance', 'abort'])
})

it('after a breach the card says when Slipway would have rolled back, and that the canary keeps its weight', () => {
  const drive = observed()
  seeWeight(drive, 20)
  drive.say({ type: 'record-breach', evidence })
  expect(shown(drive)).toMatch(
    /Slipway would have rolled back at .*Error rate 0\.83 %.*The limit is still broken; the canary keeps \*20 %/,
  )
  drive.say({ type: 'record-recovered', metric: 'error-rate', since: drive.now })
  expect(shown(drive)).toContain('The limit is kept again')
})

it('the card does not say of a limit that it is broken or kept where it is not read', () => {
  const metrics = observedSpec.metrics.map((m) => (m.name === 'error-rate' ? { ...m, scope: 'compare' as const } : m))
  const drive = observed({ ...observedSpec, metrics })
  seeWeight(drive, 50)
  drive.say({ type: 'record-breach', evidence })
  expect(shown(drive)).toContain('The limit is still broken; the canary keeps *50 %*')
  seeWeight(drive, 100)
  expect(shown(drive)).toContain('The limit is not read at this weight; the canary keeps *100 %*')
  drive.say({ type: 'record-breach', evidence: { ...evidence, metric: 'p95' } })
  expect(shown(drive)).toContain('The limit is still broken; the canary keeps *100 %*')
})

it('the card says that an alert fires as long as it does, at any weight', () => {
  const drive = observed()
  const alert = { summary: 'one in ten', startsAt: drive.now, fingerprint: 'f00' }
  seeWeight(drive, 100)
  drive.say({ type: 'record-breach', evidence: { ...evidence, metric: 'Checkout fails', alert } })
  expect(shown(drive)).toContain('The limit is still broken')
})

it('the summary has what was done beside what Slipway would have done', () => {
  const drive = observed()
  seeWeight(drive, 5)
  drive.wait(60_000)
  drive.say({ type: 'record-breach', evidence })
  drive.wait(90_000)
  seeWeight(drive, 0)
  expect(summary(drive)).toContain('was taken back')
  expect(summary(drive)).toMatch(
    /canary 0 % → \*5 %\* \(kubectl-edit\) · Slipway: \*refused\*, no sign-off of commander, sre/,
  )
  expect(summary(drive)).toMatch(/\(nothing\) · Slipway: \*rolled back and paged\*, Error rate 0\.83 %/)
  expect(summary(drive)).toMatch(/would have taken the traffic back at .*, 90 s earlier/)
})

it('a summary says that numbers were missing at the end, as nothing was seen to break then', () => {
  const drive = observed()
  seeWeight(drive, 5)
  drive.say({ type: 'record-blind', metrics: [{ metric: 'p95', reason: 'empty' }] })
  seeWeight(drive, 0)
  expect(summary(drive)).toMatch(
    /No limit was seen to break, but numbers have been missing since .*: Slipway would still hold\.$/,
  )
})

it('says of a number that is missing and counts as broken that it is, and names no limit that was kept', () => {
  const drive = observed()
  seeWeight(drive, 5)
  drive.say({ type: 'record-breach', evidence: withoutNumber })
  expect(summary(drive)).toContain('and paged:* Error rate has no number, which counts as broken here, 1 reading.')
  drive.say({ type: 'record-breach', evidence: { ...withoutNumber, metric: 'p95' } })
  expect(summary(drive)).toMatch(
    /^\*Limit broken: P95 response time has no number, which counts as broken here, 1 reading\.\*/,
  )
})

it('says by which number a limit was broken, though the newest is missing', () => {
  const drive = observed()
  seeWeight(drive, 5)
  const readings = [...evidence.readings, { at: 10_001, value: null }]
  drive.say({ type: 'record-breach', evidence: { ...evidence, value: null, readings } })
  expect(summary(drive)).toContain('Error rate 0.83 %, limit above 0.5%, 2 readings in 10 s.')
})

it('names the limit and the target of the phase in which it was seen, also after that phase', () => {
  const [first, ...others] = observedSpec.phases
  if (first === undefined) throw new Error('no phases')
  const own = {
    target: { op: '<', value: 0.002, text: '< 0.2%' },
    limit: { op: '>', value: 0.003, text: '> 0.3%' },
  } as const
  const unmet = { metric: 'error-rate', value: 0.0025, good: false }
  const drive = observed({ ...observedSpec, phases: [{ ...first, metrics: { 'error-rate': own } }, ...others] })
  seeWeight(drive, 5)
  drive.say({ type: 'record-soak', phase: 1, of: 'soak', observed: first.soak, figures: [unmet] })
  expect(summary(drive)).toContain('• Error rate *0.25 %*, target below 0.2%')
  drive.say({ type: 'record-breach', evidence })
  expect(summary(drive)).toContain('Error rate 0.83 %, limit above 0.3%')
  seeWeight(drive, 20)
  expect(shown(drive)).toContain('Error rate 0.83 %, limit above 0.3%')
  drive.say({ type: 'record-recovered', metric: 'error-rate', since: drive.now })
  drive.say({ type: 'record-breach', evidence })
  expect(summary(drive)).toContain('Error rate 0.83 %, limit above 0.5%')
  seeWeight(drive, 0)
  expect(summary(drive)).toMatch(/limit above 0\.3%[\s\S]*limit above 0\.5%/)
})

it('a summary of many steps keeps its beginning, its end and Slack’s limit', () => {
  const drive = observed()
  for (let step = 0; step < 60; step++) seeWeight(drive, 1 + (step % 99))
  seeWeight(drive, 0)
  expect(summary(drive).length).toBeLessThan(limits.section)
  expect(summary(drive)).toMatch(/canary 0 % → \*1 %\*[\s\S]*more: see the thread[\s\S]*→ \*0 %\*/)
})

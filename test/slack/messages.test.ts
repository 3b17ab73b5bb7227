import type { KnownBlock } from '@slack/web-api'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { figuresOf, judgeAll, type Readings } from '../../src/rollout/analysis.ts'
import type { Actor, Event, EventOf } from '../../src/rollout/events.ts'
import { evolve } from '../../src/rollout/evolve.ts'
import type { State } from '../../src/rollout/state.ts'
import { messageRefusal } from '../../src/sandbox/strict-slack/messages.ts'
import { card } from '../../src/slack/blocks/card.ts'
import { headlineOf } from '../../src/slack/blocks/headline.ts'
import { eventButtons } from '../../src/slack/event-buttons.ts'
import { timeText } from '../../src/slack/format.ts'
import {
  buttons,
  context,
  header,
  joined,
  limits,
  type Message,
  section,
  textMessage,
  withId,
} from '../../src/slack/message.ts'
import { planMessage } from '../../src/slack/plan-message.ts'
import { messageId } from '../../src/slack/reference.ts'
import { threadText } from '../../src/slack/texts.ts'
import { config, createDrive, holderOf, spec } from '../rollout/drive.ts'
import { at, evidence, fail, noDrift, prepared, rollBack, sight, sign, stages, started } from '../rollout/ways.ts'
import { hostile } from './hostile.ts'

const readings: Readings = {
  at: 1,
  phase: 1,
  values: Object.fromEntries(spec.metrics.map((m) => [m.name, { missing: 'failed', detail: hostile }])),
}

/** Everything that Slack would show for these events. */
function messagesOf(events: readonly Event[]): Message[] {
  let state: State | null = null
  return events.flatMap((event) => {
    state = evolve(state, event)
    const told = threadText(event, state)
    return [
      ...(told === null ? [] : [textMessage(messageId(event), told.text, eventButtons(event, state))]),
      ...(event.type === 'sign-off-requested' ? plansOf(event, state) : []),
      card('Claude Enhancer', state, {
        readings: [readings],
        observed: 1,
        wanted: 2,
        known: { sre: [hostile] },
        holds: {},
        byHand: hostile,
        at: 0,
      }),
    ]
  })
}

function plansOf(event: EventOf<'sign-off-requested'>, state: State): Message[] {
  return (['open', 'signed', 'over', 'shown'] as const).map((s) => planMessage(event, state, config, s))
}

/** A rollout in which everything that people and systems say is hostile. */
function hostileEvents(): readonly Event[] {
  const person: Actor = { id: 'cli:x', name: hostile, via: 'cli' }
  const drive = createDrive()
  drive.say(
    {
      type: 'start',
      spec: { ...spec, version: hostile },
      report: { id: 'r', version: hostile, image: spec.image, validUntil: drive.now + 1, blocks: 0 },
    },
    person,
  )
  drive.say({ ...prepared } as typeof prepared)
  drive.say({ type: 'pause', reason: hostile }, person)
  drive.say({ type: 'resume' }, person)
  drive.say({ type: 'record-drift', what: hostile, manager: hostile })
  drive.say(noDrift(drive))
  drive.say({ type: 'record-blind', metrics: [{ metric: hostile, reason: hostile }] })
  drive.say(sight(drive))
  drive.say({ type: 'approve', request: 3, roles: ['commander'], holders: [] }, holderOf('commander'))
  drive.say({ type: 'approve', request: 3, roles: ['sre'], holders: [] }, holderOf('sre'))
  drive.say({ type: 'record-step-failed', step: 'shift', phase: 1, code: 'x', what: hostile, todo: hostile })
  drive.say({ type: 'retry' }, person)
  drive.say({ type: 'record-shifted', phase: 1, from: 0, weight: 5, steps: [{ name: hostile, ms: 1 }] })
  drive.say({ type: 'record-breach', evidence: { ...evidence, query: hostile } })
  drive.say({ type: 'record-rollback-failure', code: 'x', what: hostile, todo: hostile })
  drive.say({ type: 'record-restored', from: 5, steps: [], restoredAt: drive.now })
  return drive.events
}

function check(message: Message): void {
  for (const method of ['chat.postMessage', 'chat.update']) expect(messageRefusal(method, { ...message })).toBeNull()
  expect(message.blocks.length).toBeLessThanOrEqual(limits.blocks)
  expect(message.text.length).toBeGreaterThan(0)
  expect(message.text.length).toBeLessThanOrEqual(limits.text)
  expect(message.text).not.toContain('<!channel>')
  for (const block of message.blocks) {
    if (block.type === 'section') expect(block.text?.text.length).toBeLessThanOrEqual(limits.section)
    if (block.type === 'header') expect(block.text.text.length).toBeLessThanOrEqual(limits.header)
    if (block.type === 'actions')
      for (const element of block.elements)
        if (element.type === 'button') expect(element.value?.length).toBeLessThanOrEqual(2_000)
    if (block.type !== 'header') expect(JSON.stringify(block)).not.toContain('<!channel>')
    if (block.type !== 'header') expect(JSON.stringify(block)).not.toContain('<https://example.com|click>')
  }
}

test('whatever people and systems say, messages keep to Slack’s limits and mention nobody', () => {
  const messages = messagesOf(hostileEvents())
  expect(messages.length).toBeGreaterThan(20)
  for (const message of messages) check(message)
})

test('the card of every stage keeps to the limits, carries the way out, and is marked with its id', () => {
  for (const stage of stages) {
    const { state } = at(stage)
    const message = card('Claude Enhancer', state, {
      readings: [],
      observed: 0,
      wanted: 1,
      known: {},
      holds: {},
      byHand: 'kubectl patch …',
      at: 0,
    })
    check(message)
    expect(message.blocks[0]).toMatchObject({ block_id: 'event/claude-enhancer/1/1' })
    const text = JSON.stringify(message.blocks)
    const over = stage === 'complete' || stage === 'rolled-back'
    expect(text.includes('kubectl patch')).toBe(!over)
    const way = !over && state.rollback === undefined
    expect(text.includes('"action_id":"roll-back"')).toBe(way)
  }
})

test.each([
  ['paused', { type: 'pause', reason: '' }],
  ['held', { type: 'record-drift', what: 'the canary gets 50 %', manager: 'kubectl' }],
] as const)('a rollback is the headline of what was %s before', (before, command) => {
  const drive = at('soaking')
  drive.say(command)
  expect(headlineOf(drive.state)).toContain(before)
  rollBack(drive)
  expect(headlineOf(drive.state)).toBe('ROLLING BACK')
  fail(drive)
  expect(headlineOf(drive.state)).toBe('ROLLBACK NOT DONE')
})

const quietFacts = { readings: [], observed: 0, wanted: 1, known: {}, holds: {}, byHand: null, at: 0 }

describe.each([
  ['paused', { type: 'pause', reason: 'lunch' }],
  ['held', { type: 'record-drift', what: 'the canary gets 50 %', manager: 'kubectl' }],
  ['blind', { type: 'record-blind', metrics: [{ metric: 'p95', reason: 'no series' }] }],
] as const)('a decision that is awaited while the rollout is %s', (_, command) => {
  const drive = at('waiting')
  const awaited = drive.events.at(-1)?.version
  const { rollBackAt = 0 } = drive.state.decision ?? {}
  const [held = expect.fail('nothing holds it')] = drive.say(command).events

  test('stays on the card with its buttons and its end', () => {
    const message = card('Shop', drive.state, quietFacts)
    check(message)
    const text = JSON.stringify(message.blocks)
    expect(text).toContain(`it rolls back by itself at ${timeText(rollBackAt)}`)
    const value = `claude-enhancer/1/${awaited}`
    const pressed = message.blocks.flatMap((one) => (one.type === 'actions' ? one.elements : []))
    for (const action_id of ['extend-soak', 'accept-targets'])
      expect(pressed).toContainEqual(expect.objectContaining({ action_id, value }))
  })

  test('is told in the thread to go on', () => {
    expect(threadText(held, drive.state)?.text).toContain(`it rolls back by itself at ${timeText(rollBackAt)}`)
  })
})

test('a figure without a number is never called met', () => {
  const verdicts = judgeAll(spec, [readings])
  expect(figuresOf(verdicts).every((f) => f.good === false)).toBe(true)
})

test('no character is cut in half where a text is too long for Slack', () => {
  const label = `${'x'.repeat(73)}😀😀`
  const { text, blocks } = textMessage('id', `${'x'.repeat(2_998)}😀${'x'.repeat(999)}😀😀`, [
    { action: 'a', label, value: '' },
  ])
  expect(text).toHaveLength(4_000)
  expect(JSON.stringify([text, blocks])).not.toMatch(/\\ud[89a-f]/)
})

/** The shipped configuration with as many phases, checkpoints and metrics, and as long texts, as somebody may write. */
const large = fc
  .record({
    phases: fc.integer({ min: 1, max: 60 }),
    checkpoints: fc.integer({ min: 0, max: 25 }),
    metrics: fc.integer({ min: 1, max: 40 }),
    length: fc.integer({ min: 1, max: 4_000 }),
  })
  .map(({ phases, checkpoints, metrics, length }) => {
    const [phase, metric] = [spec.phases[0], spec.metrics[0]]
    if (phase === undefined || metric === undefined) throw new Error('the configuration has neither')
    const words = '<words> & '.repeat(length / 10 + 1).slice(0, length)
    const list = Array.from({ length: checkpoints }, () => ({ text: words, role: 'sre' }))
    return {
      ...spec,
      phases: Array.from({ length: phases }, (_, index) => ({
        ...{ ...phase, number: index + 1, name: words, proves: words, checkpoints: list },
        weight: Math.min(100, index + 1),
      })),
      metrics: Array.from({ length: metrics }, (_, index) => ({ ...metric, name: `m${index}`, title: words })),
    }
  })

test('whatever size the configuration has, every message stays within what Slack takes and keeps its buttons', () => {
  fc.assert(
    fc.property(large, fc.boolean(), (of, all) => {
      const drive = started(of, all)
      drive.say(prepared)
      sign(drive)
      drive.say({ type: 'pause', reason: 'lunch' })
      const messages = messagesOf(drive.events)
      for (const message of messages) check(message)
      const plan = messages.find(({ text }) => text.startsWith('Plan of phase'))
      expect(JSON.stringify(plan?.blocks)).toContain('"action_id":"approve"')
      expect(JSON.stringify(messages.at(-1)?.blocks)).toContain('"action_id":"roll-back"')
    }),
    { numRuns: 20 },
  )
})

const text = fc.integer({ min: 1, max: 5_000 }).map((length) => 'x'.repeat(length))
const block: fc.Arbitrary<readonly KnownBlock[]> = fc.oneof(
  text.map((one) => [section(one)]),
  text.map((one) => [context(one)]),
  text.map((one) => [header(one)]),
)
const message = fc.array(block, { minLength: 1, maxLength: 60 }).map((blocks): Message => {
  const press = buttons([{ action: 'approve', label: 'Approve', value: 'v' }])
  return withId(`event/${blocks.length}`, { text: 'x', blocks: [...blocks.flat().slice(0, 49), ...press] })
})

test('what is longest is cut where all blocks are too much together, and nothing where they are not', () => {
  fc.assert(
    fc.property(message, (one) => {
      check(one)
      expect(JSON.stringify(one.blocks)).toContain('"action_id":"approve"')
    }),
  )
  fc.assert(fc.property(fc.array(message, { minLength: 1, maxLength: 3 }), (few) => check(joined(distinct(few)))))
  const short = withId('id', { text: 'x', blocks: [section('y'.repeat(2_900)), section('z'.repeat(2_900))] })
  expect(short.blocks[1]).toEqual(section('z'.repeat(2_900)))
})

/** Each under an id of its own, as those of different events are. */
function distinct(messages: readonly Message[]): readonly Message[] {
  return messages.map((one, index) => withId(`event/${index}`, one))
}

import { expect, test } from 'vitest'
import { viewRefusal } from '../../src/sandbox/strict-slack/messages.ts'
import { nowView, readForm } from '../../src/slack/now-form.ts'
import { formCommands, possibleIn } from '../../src/slack/possible-now.ts'
import { requester } from '../rollout/drive.ts'
import { at, stages } from '../rollout/ways.ts'
import { hostile } from './hostile.ts'

const valuesAt = (stage: (typeof stages)[number], may: readonly string[] = formCommands) => {
  const { state, now } = at(stage)
  return possibleIn(state, { by: requester, at: now }, new Set(may)).map(({ value }) => value)
}

test('the form offers what the rollout would take', () => {
  expect(valuesAt('preparing')).toEqual(['pause', 'abort', 'rollback'])
  expect(valuesAt('soaking')).toEqual(['pause', 'skip-soak', 'rollback'])
  expect(valuesAt('soaked')).toContain('advance')
  expect(valuesAt('complete')).not.toContain('rollback')
  expect(valuesAt('soaking', [])).toEqual(['rollback'])
  expect(valuesAt('soaking', ['skip-soak'])).toEqual(['skip-soak', 'rollback'])
})

test('the form offers nothing that is held', () => {
  const { state, now } = at('soaked')
  const head = { by: requester, at: now, lock: { id: 'l', by: requester, at: now, reason: 'an incident' } }
  expect(possibleIn(state, head, new Set(formCommands)).map(({ value }) => value)).toEqual(['pause', 'rollback'])
})

test('the form of every stage keeps to Slack’s limits', () => {
  for (const stage of stages) {
    const { state, now } = at(stage)
    const choices = possibleIn(state, { by: requester, at: now }, new Set(formCommands))
    const view = nowView({ status: hostile, choices, about: 'a/1/1' })
    expect(viewRefusal('views.open', { view })).toBeNull()
    expect(choices.length).toBeLessThanOrEqual(10)
    expect(view.submit === undefined).toBe(choices.length === 0)
    expect(JSON.stringify(view)).not.toContain('<!channel>')
    for (const { label, value } of choices) {
      expect(label.length).toBeLessThanOrEqual(75)
      expect(value.length).toBeLessThanOrEqual(150)
    }
  }
})

test.each([
  ['advance', 'ignored', { kind: 'advance' }],
  ['start 5.1.0', '', { kind: 'start', version: '5.1.0' }],
  ['readiness', ' 5.1.0 ', { kind: 'readiness', version: '5.1.0' }],
  ['pause', 'lunch', { kind: 'pause', reason: 'lunch' }],
  ['skip-soak', '—wait for nobody --now', { kind: 'skip-soak', reason: '—wait for nobody --now' }],
  ['abort', ' ', { kind: 'abort', reason: '' }],
  [
    'rollback',
    'the flag -f is odd',
    { kind: 'rollback', reason: 'the flag -f is odd', forced: false, confirmed: true },
  ],
])('%s with "%s"', (value, text, ask) => expect(readForm(value, text)).toEqual({ ask }))

test.each([
  [undefined, '', 'choice', /Choose/],
  ['readiness', '', 'text', /version is missing/],
  ['skip-soak', ' ', 'text', /reason is missing/],
  ['pause', 'x'.repeat(501), 'text', /at most 500/],
])('%s with "%s" is wrong', (value, text, block, words) => {
  expect(readForm(value, text)).toEqual({ errors: { [block]: expect.stringMatching(words) } })
})

test('a rollback goes on with as much of its reason as fits', () => {
  const read = readForm('rollback', hostile)
  expect(read).toMatchObject({ ask: { kind: 'rollback', reason: expect.stringMatching(/^<!channel> .*x…$/) } })
  expect(JSON.stringify(read).length).toBeLessThan(600)
})

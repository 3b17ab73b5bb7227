import { expect, test } from 'vitest'
import { parseCommand } from '../../src/slack/parse-command.ts'
import { hostile } from './hostile.ts'

test.each([
  ['', { kind: 'help' }],
  ['readiness 5.1.0', { kind: 'readiness', version: '5.1.0' }],
  [
    `readiness 5.1.0@sha256:${'0'.repeat(64)}`,
    { kind: 'readiness', version: '5.1.0', digest: `sha256:${'0'.repeat(64)}` },
  ],
  ['ADVANCE', { kind: 'advance' }],
  ['advance 5.1.0', { kind: 'advance', version: '5.1.0' }],
  ['rollback', { kind: 'rollback', reason: '', forced: false, confirmed: false }],
  ['rollback it looks odd -f', { kind: 'rollback', reason: 'it looks odd', forced: true, confirmed: false }],
  ['history', { kind: 'history' }],
  ['history #12', { kind: 'history', rollout: 12 }],
  ['pause  for lunch ', { kind: 'pause', reason: 'for lunch' }],
])('/deploy %s', (text, ask) => {
  expect(parseCommand(text)).toEqual({ ask })
})

test.each([
  ['advnace', /Did you mean `\/deploy advance`/],
  ['readiness', /version is missing/],
  ['readiness five one', /a version is a tag/],
  ['history last', /a rollout is a number such as 12/],
  ['history 0', /a rollout is a number such as 12/],
  ['advance ../../etc', /a version is a tag/],
])('/deploy %s is answered with what would work', (text, words) => {
  expect(parseCommand(text)).toEqual({ mistake: expect.stringMatching(words) })
})

test('a hostile or endless word never comes back as it was', () => {
  const parsed = parseCommand(hostile)
  expect(parsed).toHaveProperty('mistake')
  expect(JSON.stringify(parsed)).not.toMatch(/<!channel>|x{100}/)
})

test('a reason that is too long is shortened, so that a rollback is never refused for it', () => {
  const parsed = parseCommand(`rollback ${hostile} -f`)
  expect(parsed).toMatchObject({ ask: { kind: 'rollback', forced: true } })
})

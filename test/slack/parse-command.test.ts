import fc from 'fast-check'
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
  const reason = `${'x'.repeat(498)}😀😀`
  expect(parseCommand(`rollback ${reason}`)).toMatchObject({ ask: { reason: `${'x'.repeat(498)}…` } })
})

const forced = { kind: 'rollback', reason: '', forced: true, confirmed: false }

test.each([
  ['advance 5.1.0 —dry-run', { kind: 'advance', version: '5.1.0', dryRun: true }],
  ['advance —dry-run 5.1.0', { kind: 'advance', version: '5.1.0', dryRun: true }],
  ['advance 5.1.0 −Dry‑Run', { kind: 'advance', version: '5.1.0', dryRun: true }],
  ['advance 5.1.0 -dry-run', { kind: 'advance', version: '5.1.0', dryRun: true }],
  ['advance 5.1.0 `--dry-run`', { kind: 'advance', version: '5.1.0', dryRun: true }],
  ['advance 5.1.0 \u200b--dry-run', { kind: 'advance', version: '5.1.0', dryRun: true }],
  ['advance –ALL', { kind: 'advance', all: true }],
  [
    'advance 5.1.0 it mends —override an outage',
    { kind: 'advance', version: '5.1.0', reason: 'it mends an outage', override: true },
  ],
  ['rollback —force', forced],
  ['rollback -F', forced],
  ['rollback --Force', forced],
  ['rollback ‐f', forced],
])('the option is known whatever dash a keyboard makes: /deploy %s', (text, ask) => {
  expect(parseCommand(text)).toEqual({ ask })
})

test.each([
  ['advance 5.1.0 p95 – see dashboard', 'p95 – see dashboard'],
  ['advance 5.1.0 p95 200ms -> 250ms, well-known', 'p95 200ms -> 250ms, well-known'],
  ['advance 5.1.0 — p95 is −5 %', 'p95 is −5 %'],
  ['rollback - errors', 'errors'],
  ['rollback errors — see dashboard', 'errors — see dashboard'],
  ['rollback errors —see dashboard', 'errors —see dashboard'],
  ['rollback -5% of sign-ins', '-5% of sign-ins'],
  ['rollback --forse', '--forse'],
  ['rollback -f site down —Anna', 'site down —Anna'],
  ['rollback -f "-rc tag" is bad', '"-rc tag" is bad'],
  ['reject -1 not like this', '-1 not like this'],
  ['pause for lunch --until 13:00', 'for lunch --until 13:00'],
  ['pause —', ''],
])('a dash in a reason stays: /deploy %s', (text, reason) => {
  expect(parseCommand(text)).toMatchObject({ ask: { reason } })
})

test.each([
  ['advance 5.1.0 —dryrun', /no option `--dryrun` here.* Did you mean `--dry-run`\?.*`\/deploy advance/],
  ['advance 5.1.0 look first —dryrun please', /no option `--dryrun`/],
  ['advance --help', /no option `--help` here.*`\/deploy advance/],
  ['advance 5.1.0 —override', /reason is needed/],
  ['advance 5.1.0 - --override', /reason is needed/],
  ['rollback -f --dry-run', /no option `--dry-run`/],
  ['rollback it burns —dry-run -f', /no option `--dry-run`/],
  ['lock --help', /no option `--help` here.*In a reason a dash stands alone.*`\/deploy lock/],
  ['lock –', /a reason is needed/],
  ['pause - —help', /no option `--help`/],
  ['approve --help', /no option `--help` here, so nothing was done\. `\/deploy approve/],
])('what looks like an option and is none is refused: /deploy %s', (text, words) => {
  expect(parseCommand(text)).toEqual({ mistake: expect.stringMatching(words) })
})

test.each([
  'resume tomorrow',
  'resume is not what we want',
  'unlock --help',
  'finish —dry-run',
  'cancel that',
  'withdraw it',
  'nudge @U0BOB',
  'take-over please',
])('more than the command is not carried out: /deploy %s', (text) => {
  expect(parseCommand(text)).toEqual({
    mistake: expect.stringMatching(/takes nothing more, so nothing was done\. `\//),
  })
})

test.each(['status please', 'mine --all', 'help —me'])('what only shows is shown: /deploy %s', (text) => {
  expect(parseCommand(text)).toMatchObject({ ask: { kind: text.split(' ')[0] } })
})

test('nothing that begins with a dash becomes the beginning of a reason, but a number', () => {
  const takers = ['advance 5.1.0', 'pause', 'reject', 'lock', 'override', 'abort', 'skip-soak']
  const dash = fc.constantFrom(...'-‐‑‒–—―−﹣－')
  const word = fc.tuple(fc.array(dash, { maxLength: 3 }), fc.string({ unit: 'grapheme', maxLength: 8 }))
  const words = fc.array(word.map(([dashes, rest]) => dashes.join('') + rest)).map((all) => all.join(' '))
  fc.assert(
    fc.property(fc.constantFrom(...takers), words, (command, more) => {
      const parsed = parseCommand(`${command} ${more}`)
      const reason = 'ask' in parsed && 'reason' in parsed.ask ? parsed.ask.reason : ''
      expect(reason).not.toMatch(/^[\p{Pd}\u2212](?![^\p{L}\s]*\p{N})/u)
    }),
  )
})

import { expect, test } from 'vitest'
import type { CheckChange, EventOf } from '../../src/rollout/events.ts'
import { recheckText } from '../../src/slack/recheck-text.ts'
import { hostile } from './hostile.ts'

const change: CheckChange = {
  ...{ check: 'backup-recent', title: 'There is a recent backup', was: 'pass', now: 'block' },
  ...{ found: '3 d ago', mend: 'Take one.' },
}

function event(changes: CheckChange[]): EventOf<'readiness-rechecked'> {
  return {
    ...{ type: 'readiness-rechecked', v: 3, service: 's', rollout: 1, version: 9, at: 0, command: 'c' },
    ...{ phase: 2, request: 8, judgement: 'not-ready', changes },
  }
}

test('nothing changed is not told', () => {
  expect(recheckText(event([]))).toBeNull()
})

test('what changed is told with what it was, what was found and what to do', () => {
  const mended: CheckChange = { check: 'a', title: 'All is well', was: null, now: 'pass', found: 'so it is' }
  expect(recheckText(event([change, mended]))?.text).toBe(
    [
      '*Readiness before phase 2: NOT READY.* Since the report has changed:',
      '☒ Blocks now: *There is a recent backup* (passed). Found: 3 d ago. Take one.',
      '☑ Passes now: *All is well*. Found: so it is.',
    ].join('\n'),
  )
})

test('much of it is cut, and foreign words do no harm', () => {
  const many = Array.from({ length: 20 }, () => ({ ...change, found: `${hostile}${'x'.repeat(500)}` }))
  const text = recheckText(event(many))?.text ?? ''
  expect(text.length).toBeLessThan(4_000)
  expect(text).toMatch(/and 12 more/)
  expect(text).not.toMatch(/<[!@#]/)
})

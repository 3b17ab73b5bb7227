import { expect, it } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import { logFailure } from '../../src/jobs/log-failure.ts'

function opened() {
  const lines: object[] = []
  const write = (level: string) => (fields: object) => void lines.push({ level, ...fields })
  const log = { info: write('info'), warn: write('warn'), error: write('error') }
  const job = { id: 'answer-w1', name: 'answer', data: { message: 'to one of them alone' } }
  return { lines, fail: (error: unknown, tries: number) => logFailure(log, { queue: 'answers', job, error, tries }) }
}

it('logs a job that waits for Slack ever more rarely, and never what it is to say', () => {
  const { lines, fail } = opened()
  const away = new SlipwayError('slack-unreachable', { method: 'chat.postEphemeral' })
  for (let tries = 1; tries <= 1_000; tries++) fail(away, tries)
  expect(lines).toHaveLength(10)
  expect(lines[0]).toEqual({ level: 'warn', err: away, queue: 'answers', job: 'answer', id: 'answer-w1', tries: 1 })
})

it('logs every other failure, one that needs a person as an error', () => {
  const { lines, fail } = opened()
  for (let tries = 1; tries <= 3; tries++) fail(new SlipwayError('ledger-unavailable', { after: 1_000 }), tries)
  fail(new SlipwayError('slack-refused', { method: 'chat.postEphemeral', error: 'user_not_in_channel' }), 4)
  expect(lines).toMatchObject([{ level: 'warn' }, { level: 'warn' }, { level: 'warn' }, { level: 'error', tries: 4 }])
})

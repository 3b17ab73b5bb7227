import { createServer } from 'node:http'
import { ErrorCode } from '@slack/bolt'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { Secret } from '../../src/config/secret.ts'
import { SlipwayError } from '../../src/errors.ts'
import { createListener } from '../../src/slack/app.ts'

/** A listener, and the levels at which it has told something. */
function listener(apiUrl: string) {
  const errors: string[] = []
  const warnings: string[] = []
  const log = {
    info: () => undefined,
    warn: (_: object, text: string) => void warnings.push(text),
    error: (_: object, text: string) => void errors.push(text),
  }
  const slack = {
    botToken: new Secret('xoxb-1'),
    connection: { kind: 'http', signingSecret: new Secret('s'), port: 0 },
    apiUrl,
  } as const
  return { app: createListener(slack, 300, log, systemClock).app, errors, warnings }
}

const body = { command: '/deploy', text: 'rollback', team_id: 'T1', user_id: 'U1', channel_id: 'C1' }

test('a click is taken although Slack answers no call: nothing is asked before it', async () => {
  const server = createServer(() => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const { app, errors } = listener(`http://127.0.0.1:${port}/api/`)
  const taken: string[] = []
  app.command('/deploy', async ({ command, ack }) => {
    taken.push(command.text)
    await ack()
  })
  await app.processEvent({ body, ack: async () => undefined })
  expect({ taken, errors }).toEqual({ taken: ['rollback'], errors: [] })
})

const coded = (code: string) => Object.assign(new Error(code), { code })

test.each([
  ['the connection broke before the acknowledgement', coded('slack_socket_mode_send_while_not_ready_error'), 'warn'],
  ['neither Redis nor its sender could be reached', new SlipwayError('slack-unreachable', { method: 'chat' }), 'warn'],
  ['a scope is missing', new SlipwayError('slack-refused', { method: 'chat', error: 'missing_scope' }), 'error'],
  ['it is not what was expected', new Error('no such field'), 'error'],
  ['the library does not know it', coded(ErrorCode.AppInitializationError), 'error'],
])('what a person must see to is an error, what passes by itself is none: %s', async (_, error, level) => {
  const { app, errors, warnings } = listener('http://127.0.0.1:9/api/')
  app.command('/deploy', async () => {
    throw error
  })
  await app.processEvent({ body, ack: async () => undefined }).catch(() => undefined)
  expect([warnings.length, errors.length]).toEqual(level === 'warn' ? [1, 0] : [0, 1])
})

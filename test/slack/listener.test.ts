import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { Secret } from '../../src/config/secret.ts'
import { createListener } from '../../src/slack/app.ts'

test('a click is taken although Slack answers no call: nothing is asked before it', async () => {
  const server = createServer(() => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const errors: string[] = []
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (_: object, text: string) => void errors.push(text),
  }
  const { app } = createListener(
    {
      botToken: new Secret('xoxb-1'),
      connection: { kind: 'http', signingSecret: new Secret('s'), port: 0 },
      apiUrl: `http://127.0.0.1:${port}/api/`,
    },
    300,
    log,
    systemClock,
  )
  const taken: string[] = []
  app.command('/deploy', async ({ command, ack }) => {
    taken.push(command.text)
    await ack()
  })
  const body = { command: '/deploy', text: 'rollback', team_id: 'T1', user_id: 'U1', channel_id: 'C1' }
  await app.processEvent({ body, ack: async () => undefined })
  expect({ taken, errors }).toEqual({ taken: ['rollback'], errors: [] })
})

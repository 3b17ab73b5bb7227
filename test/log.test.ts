import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { createQueues, startWorkers } from '../src/jobs/queues.ts'
import { createLog } from '../src/log.ts'
import { handlersOf } from './jobs/handlers-of.ts'

test('the password that Redis refuses is in no line of the log', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      const commands = bytes.toString().match(/^\*\d+\r$/gm) ?? []
      for (const _ of commands) socket.write('-WRONGPASS invalid username-password pair or user is disabled.\r\n')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const lines: string[] = []
  const log = createLog('info', 'claude-enhancer', { write: (line) => void lines.push(line) })
  const url = `redis://:s3cret-pw@127.0.0.1:${(server.address() as AddressInfo).port}`
  const queues = createQueues(url, 'secret')
  const workers = startWorkers(
    url,
    'secret',
    handlersOf(() => never),
    log,
  )
  const refused = queues.add('wishes', 'a-job', 'wish', {}).catch((err: unknown) => log.warn({ err }, 'refused'))
  try {
    await refused
    await expect.poll(() => lines.join('')).toContain('WRONGPASS')
    await expect.poll(() => lines.join('')).toContain('refused')
  } finally {
    await workers.close(0)
    await queues.close().catch(() => undefined)
    server.close()
  }
  expect(lines.join('')).not.toContain('s3cret-pw')
})

async function never(): Promise<'done'> {
  return 'done'
}

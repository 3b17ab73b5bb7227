import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { loadConfig } from '../../src/config/load.ts'
import { Secret } from '../../src/config/secret.ts'
import type { Told } from '../../src/jobs/failure.ts'
import { createClient } from '../../src/slack/app.ts'
import type { Wish } from '../../src/slack/ask.ts'
import { openReception } from '../../src/slack/open-reception.ts'

const hello = JSON.stringify({ type: 'hello' })

/** A Slack that knows one channel, and sockets over which it says hello. It can be away, and end what stands. */
async function startSlack() {
  const sockets = new Set<Duplex>()
  let isAway = false
  let helloes = true
  const counts = { refused: 0, connected: 0, asked: [] as string[] }
  const server = createServer((request, response) => {
    if (isAway) {
      counts.refused += 1
      return void request.socket.destroy()
    }
    counts.asked.push(request.url?.split('/').at(-1) ?? '')
    const { port } = addressOf()
    const body = { ok: true, url: `ws://127.0.0.1:${port}/`, channel: { id: 'C1', name: 'releases', is_member: true } }
    response.end(JSON.stringify({ ...body, user_id: 'U1', team_id: 'T1', channels: [body.channel] }))
  })
  server.on('upgrade', ({ headers }, socket) => {
    const key = `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
    const accept = createHash('sha1').update(key).digest('base64')
    const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
    socket.write(`${[...lines, `Sec-WebSocket-Accept: ${accept}`].join('\r\n')}\r\n\r\n`)
    if (helloes) socket.write(Buffer.concat([Buffer.from([0x81, hello.length]), Buffer.from(hello)]))
    socket.on('error', () => undefined)
    sockets.add(socket)
    counts.connected += 1
  })
  function addressOf() {
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('it does not listen')
    return address
  }
  function end() {
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    end()
    server.closeAllConnections()
    server.close()
  })
  return {
    counts,
    url: `http://127.0.0.1:${addressOf().port}/api/`,
    end,
    /** Says something over every socket. */
    say(what: object) {
      const text = Buffer.from(JSON.stringify(what))
      const head = Buffer.from([0x81, 126, text.length >> 8, text.length & 0xff])
      for (const socket of sockets) socket.write(Buffer.concat([head, text]))
    },
    leave() {
      isAway = true
      end()
      server.closeAllConnections()
    },
    comeBack() {
      isAway = false
    },
    /** From now on sockets stand and bring nothing. */
    keepSilent() {
      helloes = false
    },
  }
}

/** Opens the reception at this Slack, and keeps what is told of it. */
async function open(apiUrl: string) {
  const config = await loadConfig('deployment-config.yaml')
  const told: (Told | null)[] = []
  const taken: Wish[] = []
  const end = new AbortController()
  const botToken = new Secret('xoxb-1')
  const ignored = () => undefined
  const unused = () => expect.fail('nothing is sent here')
  const reception = openReception(
    {
      client: createClient({ botToken, apiUrl }, config.slack.timeout),
      environment: { botToken, apiUrl, connection: { kind: 'socket', appToken: new Secret('xapp-1') } },
      config: { ...config, slack: { ...config.slack, channel: 'C1' } },
      desk: { take: async (wish) => void taken.push(wish), refused: unused },
      look: { form: unused, home: unused, fromMemory: unused, barred: unused, against: unused },
      clock: systemClock,
      log: { info: ignored, warn: ignored, error: (fields) => expect.fail(JSON.stringify(fields)) },
      dependencies: { told: (_, failure) => void told.push(failure), checks: () => ({}), away: () => [] },
      signal: end.signal,
    },
    ignored,
  )
  onTestFinished(async () => {
    end.abort()
    await reception.close()
  })
  return { reception, told, taken }
}

const limit = { timeout: 60_000 }

/** A reception that has connected to a Slack of its own. */
async function connected() {
  const slack = await startSlack()
  const opened = await open(slack.url)
  await expect.poll(() => opened.reception.isListening(), limit).toBe(true)
  return { slack, ...opened }
}

test('a connection that Slack ends is made anew, and not told; the channel is not looked for again', async () => {
  const { slack, reception, told } = await connected()
  slack.end()
  await expect.poll(() => slack.counts.connected, limit).toBe(2)
  await expect.poll(() => reception.isListening(), limit).toBe(true)
  expect(told.filter((failure) => failure !== null)).toEqual([])
  expect(slack.counts.asked.filter((method) => method.startsWith('conversations.'))).toHaveLength(1)
})

test('Slipway is known by the id that Slack gives it: somebody else who is mentioned is not', async () => {
  const { slack, taken } = await connected()
  const texts = ['<@U2> resume when <@U1> is green again', '<@U1> resume']
  for (const [i, text] of texts.entries()) {
    const event = { type: 'app_mention', user: 'U3', channel: 'C1', text, ts: `17.${i}` }
    slack.say({ envelope_id: `e${i}`, type: 'events_api', payload: { type: 'event_callback', team_id: 'T1', event } })
  }
  await expect.poll(() => taken, limit).toHaveLength(2)
  const kinds = Object.fromEntries(taken.map(({ id, ask }) => [id, ask.kind]))
  expect(kinds).toEqual({ 'm-17.0': 'unclear', 'm-17.1': 'resume' })
})

test('a socket over which Slack says nothing is none', async () => {
  const slack = await startSlack()
  slack.keepSilent()
  const { reception, told } = await open(slack.url)
  await expect.poll(() => slack.counts.connected, limit).toBe(1)
  expect(reception.isListening()).toBe(false)
  await expect.poll(() => told.at(-1), limit).toMatchObject({ code: 'slack-unreachable' })
  expect(reception.isListening()).toBe(false)
})

// The client's own attempt, 5 s after a break, ended the process when it failed: what nobody catches fails a run of tests.
test('a Slack that stays away is told, and found again when it is back', async () => {
  const { slack, reception, told } = await connected()
  slack.leave()
  await expect.poll(() => slack.counts.refused, limit).toBeGreaterThanOrEqual(5)
  expect(reception.isListening()).toBe(false)
  expect(told.at(-1)).toMatchObject({ code: 'slack-unreachable' })
  slack.comeBack()
  await expect.poll(() => reception.isListening(), limit).toBe(true)
  await expect.poll(() => told.at(-1), limit).toBeNull()
})

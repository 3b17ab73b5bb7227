import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { connect, createServer, type Socket } from 'node:net'
import { z } from 'zod'

const address = z.object({ port: z.int() })

/** Stands before a system that listens; while it is shut, nobody answers there. */
export interface Gate {
  readonly port: number
  open(): void
  shut(): void
  close(): Promise<void>
}

/** A gate before an address; shut at first. */
export async function startGate(target: string): Promise<Gate> {
  const { hostname: host, port } = new URL(target)
  const sockets = new Set<Socket>()
  let isOpen = false
  const server = createServer((incoming) => {
    if (!isOpen) {
      incoming.destroy()
      return
    }
    const outgoing = connect(Number(port), host)
    for (const [one, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(one)
      one
        .on('error', () => other.destroy())
        .on('close', () => {
          sockets.delete(one)
          other.destroy()
        })
      one.pipe(other)
    }
  })
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: address.parse(server.address()).port,
    open: () => {
      isOpen = true
    },
    shut() {
      isOpen = false
      cut()
    },
    async close() {
      server.close()
      cut()
      await once(server, 'close')
    },
  }
}

/** Slack's API with what the local workspace is too kind for: tokens that it does not know, and scopes. */
export interface StrictSlack {
  readonly apiUrl: string
  /** Tokens that it takes. */
  readonly tokens: Set<string>
  /** What it answers to a method instead of doing it. */
  readonly refused: Map<string, string>
  /** Scopes of the bot token, as Slack tells them with every answer. */
  scopes: string
  close(): Promise<void>
}

export async function startStrictSlack(apiUrl: string): Promise<StrictSlack> {
  const tokens = new Set<string>()
  const refused = new Map<string, string>()
  const strict = { scopes: '', tokens, refused }
  const server = createHttpServer(async (request, response) => {
    const method = (request.url ?? '').replace(/^\/api\//, '')
    const token = request.headers.authorization?.replace('Bearer ', '') ?? ''
    const answer = (body: unknown) =>
      response
        .writeHead(200, { 'content-type': 'application/json', 'x-oauth-scopes': strict.scopes })
        .end(JSON.stringify(body))
    const body = Buffer.concat(await request.toArray())
    if (!tokens.has(token)) return answer({ ok: false, error: 'invalid_auth' })
    const error = refused.get(method)
    if (error !== undefined) return answer({ ok: false, error })
    const { 'content-type': type = 'application/json', authorization = '' } = request.headers
    const passed = await fetch(`${apiUrl}${method}`, {
      method: 'POST',
      headers: { 'content-type': type, authorization },
      body,
    })
    answer(await passed.json())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(strict, {
    apiUrl: `http://127.0.0.1:${address.parse(server.address()).port}/api/`,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  })
}

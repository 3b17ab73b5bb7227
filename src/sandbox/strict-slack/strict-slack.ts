import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { type Answer, answerCall, type Rules } from './answer.ts'
import { type Credentials, socketScope } from './credentials.ts'
import { type SlackFault, slowBy, throttledFor } from './fault.ts'
import { passOn, passSocketOn, placeOf } from './pass-on.ts'
import { createRateLimit } from './rate-limit.ts'
import { throttled } from './refusal.ts'
import { createTriggers } from './triggers.ts'
import type { UserGroup, WorkspacePlan } from './user-groups.ts'

/** A call that was refused. */
export interface RefusedCall {
  readonly method: string
  /** Slack's word for it. */
  readonly error: string
}

/**
 * Stands before a local workspace, which is kinder than Slack, and refuses what Slack refuses, in Slack's words: wrong tokens
 * and missing scopes, channels the bot is not in, ephemerals to people who are not, too long and malformed messages and
 * forms, triggers that are used late or twice, too many calls. It answers `usergroups.*`. The page, its `/_control` and the
 * sockets pass through it untouched. What it holds may be changed at any time, and is so for the next call.
 */
export interface StrictSlack extends Credentials {
  /** Address of the page and of everything else. */
  readonly url: string
  readonly apiUrl: string
  /** Ids of channels: the bot is taken out of those that are added, and back in those that are deleted. */
  readonly left: Set<string>
  userGroups: readonly UserGroup[]
  /** What `users.info` says of some people beside what the workspace does: `{ is_restricted: true }`, by user id. */
  readonly profiles: Map<string, Readonly<Record<string, unknown>>>
  /** `paid` at first. */
  plan: WorkspacePlan
  /** What was refused so far, in order; not what a fault answered. */
  readonly refused: readonly RefusedCall[]
  /** Sets what goes wrong from now on; null ends it. */
  setFault(fault: SlackFault | null): void
  close(): Promise<void>
}

export interface StrictSlackOptions {
  /** Address of the local workspace: `http://127.0.0.1:4000`. */
  readonly target: string
  /** User id of the bot. */
  readonly bot: string
  readonly botToken: string
  readonly appToken: string
  /** Scopes of the bot token. */
  readonly botScopes: readonly string[]
  readonly userGroups: readonly UserGroup[]
  /** The time in ms, from any moment on. */
  readonly now: () => number
  /** It takes calls so many times as fast as Slack does. Default: 1. */
  readonly pace?: number
}

const refusedBody = z.object({ ok: z.literal(false), error: z.string() })

/** Starts it on a free port on loopback. */
export async function startStrictSlack(options: StrictSlackOptions): Promise<StrictSlack> {
  const { target, now, pace = 1 } = options
  const behind = placeOf(target)
  const refused: RefusedCall[] = []
  const calls = new Set<IncomingMessage>()
  /** Every socket, and whether it is the app's. */
  const sockets = new Map<Duplex, boolean>()
  let fault: SlackFault | null = null

  async function api(request: IncomingMessage, response: ServerResponse, method: string): Promise<void> {
    if (fault === 'off') return void request.socket.destroy()
    if (fault === 'failing') return send(response, { status: 503, headers: {}, body: 'Service Unavailable' })
    if (fault === 'throttled') return send(response, throttled(throttledFor))
    if (fault === 'nonsense')
      return send(response, { status: 200, headers: {}, body: '<html><body>Hello</body></html>' })
    const present = fault
    calls.add(request)
    response.once('close', () => calls.delete(request))
    const rules: Rules = { ...strict, bot: options.bot, rateLimit, triggers }
    const answer = await answerCall(request, method, rules, { behind: target, before: strict.url })
    const said = refusedBody.safeParse(answer.body)
    if (said.success) refused.push({ method, error: said.data.error })
    if (present === 'slow') await wait(slowBy, undefined, { ref: false })
    if (present !== 'unanswered') send(response, answer)
  }

  const server = createServer((request, response) => {
    const [, method] = /^\/api\/([\w.]+)/.exec(request.url ?? '') ?? []
    if (method === undefined) return passOn(request, response, behind)
    // The workspace behind is gone: so is Slack.
    api(request, response, method).catch(() => request.socket.destroy())
  })

  server.on('upgrade', (request, client, head) => {
    const isApp = request.url?.startsWith('/socket/') ?? false
    if (isApp && fault === 'off') return void client.destroy()
    const watch = isApp ? triggers.watch() : () => undefined
    passSocketOn({ request, client, head }, behind, watch)
    sockets.set(client, isApp)
    client.once('close', () => sockets.delete(client))
  })

  const rateLimit = createRateLimit(() => now() * pace)
  const triggers = createTriggers(now)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${z.object({ port: z.int() }).parse(server.address()).port}`
  const strict: StrictSlack = {
    url,
    apiUrl: `${url}/api/`,
    tokens: { bot: new Set([options.botToken]), app: new Set([options.appToken]) },
    scopes: { bot: new Set(options.botScopes), app: new Set([socketScope]) },
    left: new Set(),
    userGroups: options.userGroups,
    profiles: new Map(),
    plan: 'paid',
    refused,
    setFault(next) {
      fault = next
      if (next !== 'off') return
      for (const call of calls) call.socket.destroy()
      for (const [socket, isApp] of sockets) if (isApp) socket.destroy()
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      for (const socket of sockets.keys()) socket.destroy()
      await closed
    },
  }
  return strict
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  const type = typeof body === 'string' ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8'
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  response.writeHead(status, { 'content-type': type, ...headers }).end(text)
}

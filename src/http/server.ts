import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { SlipwayError } from '../errors.ts'

/** How one dependency is. */
export interface DependencyCheck {
  readonly ok: boolean
  /** Since when it has been so (ISO 8601). */
  readonly since: string
  readonly detail?: string
  /** Is the process ready without it? */
  readonly optional?: true
}

export interface HttpOptions {
  /** 0 takes any free one. */
  readonly port: number
  /** Every dependency by name; those that are not optional make it ready. Slower than 3 s or rejecting counts as not ready. */
  readonly checks: () => Promise<Readonly<Record<string, DependencyCheck>>>
  /** The metrics in Prometheus's text format. */
  readonly metricsText: () => Promise<string>
  /** What takes a body, by its path. */
  readonly hooks?: Readonly<Record<string, Hook>>
}

/** Takes a POST: first its head, then its body of at most 16 MiB. */
export interface Hook {
  /** May this sender be heard? Takes the Authorization header. */
  readonly admits: (authorization: string | undefined) => boolean
  /** Takes note of what it never gets: 401 from a sender who is not admitted, 413 with too large a body. */
  readonly refused: (status: 401 | 413) => void
  /** Returns the status to answer with, and a word on it. */
  readonly take: (body: string) => Promise<{ readonly status: number; readonly said: string }>
}

export interface HttpServer {
  readonly port: number
  close(): Promise<void>
}

/** Largest header, in bytes. */
const largestHeader = 8_192
/** Largest body of a hook, in bytes: ten thousand alerts with labels and annotations of 1.6 KiB each. */
const largestBody = 16_777_216
/** How long a request may take to arrive, and how long an answer may take to be found, in ms. */
const arriveWithin = 5_000
const answerWithin = 3_000

interface Answer {
  readonly status: number
  readonly body: string
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
}

const answerJson = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  body: `${JSON.stringify(value)}\n`,
  headers,
})

/** The value, or null when it doesn't come in time or at all. The reason stays inside: these pages have no reader who is let in. */
async function inTime<T>(find: () => Promise<T>): Promise<T | null> {
  const { promise, resolve } = Promise.withResolvers<null>()
  const timer = setTimeout(() => resolve(null), answerWithin)
  const found = (async () => find())().catch(() => null)
  return Promise.race([found, promise]).finally(() => clearTimeout(timer))
}

async function ready(checks: HttpOptions['checks']): Promise<Answer> {
  const dependencies = await inTime(checks)
  if (dependencies === null) return answerJson(503, { ready: false, error: 'the checks did not answer' })
  const all = Object.values(dependencies).every(({ ok, optional }) => ok || optional)
  return answerJson(all ? 200 : 503, { ready: all, dependencies })
}

async function metrics(metricsText: HttpOptions['metricsText']): Promise<Answer> {
  const body = await inTime(metricsText)
  if (body === null) return answerJson(503, { error: 'the metrics did not answer' })
  return { status: 200, body, type: 'text/plain; version=0.0.4; charset=utf-8' }
}

function carriesBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

async function answerHook(request: IncomingMessage, hook: Hook): Promise<Answer> {
  if (request.method !== 'POST') return answerJson(405, { error: 'method not allowed' }, { allow: 'POST' })
  if (!hook.admits(request.headers.authorization)) {
    hook.refused(401)
    return answerJson(401, { error: 'a bearer token is needed' }, { 'www-authenticate': 'Bearer' })
  }
  const body = await bodyOf(request)
  if (body === null) {
    hook.refused(413)
    return answerJson(413, { error: `at most ${largestBody} bytes are taken` })
  }
  const taken = await inTime(() => hook.take(body))
  // The sender comes again: what is under way by then is done once.
  if (taken === null) return answerJson(503, { error: 'it could not be taken; send it again' })
  return answerJson(taken.status, { said: taken.said })
}

/** The whole body as text; null when it is larger than is taken. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  if (Number(request.headers['content-length'] ?? 0) > largestBody) return null
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request) {
    const bytes = Buffer.from(part)
    size += bytes.length
    if (size > largestBody) return null
    parts.push(bytes)
  }
  return Buffer.concat(parts).toString('utf8')
}

async function answerTo(request: IncomingMessage, options: HttpOptions): Promise<Answer> {
  const path = (request.url ?? '/').split('?', 1)[0]
  const pages = new Map<string | undefined, () => Answer | Promise<Answer>>([
    ['/healthz', () => answerJson(200, { alive: true })],
    ['/readyz', () => ready(options.checks)],
    ['/metrics', () => metrics(options.metricsText)],
  ])
  const hook = options.hooks?.[path ?? '']
  if (hook !== undefined) return answerHook(request, hook)
  const page = pages.get(path)
  if (page === undefined) return answerJson(404, { error: 'not found', pages: [...pages.keys()] })
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return answerJson(405, { error: 'method not allowed' }, { allow: 'GET, HEAD' })
  }
  if (carriesBody(request)) return answerJson(413, { error: 'no body is taken here' })
  return page()
}

function write(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, {
    'content-type': answer.type ?? 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(answer.body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(carriesBody(request) && !request.complete ? { connection: 'close' } : {}), // an unread body would stand before the next request
    ...answer.headers,
  })
  response.end(request.method === 'HEAD' ? undefined : answer.body)
}

/** Serves `/healthz` (alive), `/readyz` (every dependency), `/metrics`, and the hooks. @throws SlipwayError `port-refused`. */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const limits = {
    maxHeaderSize: largestHeader,
    requestTimeout: arriveWithin,
    headersTimeout: arriveWithin,
    connectionsCheckingInterval: 1_000,
  }
  const server = createServer(limits, async (request, response) => {
    const answer = await answerTo(request, options).catch(() => null)
    // A sender who has gone while speaking gets no answer.
    if (answer === null) response.destroy()
    else write(request, response, answer)
  })
  // On every address, of IPv4 and of IPv6, as far as the machine has them: a cluster may have either one alone.
  server.listen(options.port)
  await once(server, 'listening').catch((cause: unknown) => {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw new SlipwayError('port-refused', { port: options.port, why }, { cause })
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('The server has no port.')
  return {
    port: address.port,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

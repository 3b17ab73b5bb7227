import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { json } from 'node:stream/consumers'
import { certificate } from './certificate.ts'
import { type ChangeEvent, enqueue, enqueueChange } from './events-api.ts'
import { applied, type Incident, type IncidentEvent } from './incidents.ts'
import { page } from './page.ts'
import { listIncidents, listOnCalls, serviceOf } from './rest-api.ts'

/**
 * What goes wrong with every call: `off` cuts the connection, `slow` never answers, `failing` answers 500,
 * `throttled` 429.
 */
export type Fault = 'off' | 'slow' | 'failing' | 'throttled'

export interface SandboxPagerDutyOptions {
  /** Where the certificate is kept. */
  readonly dir: string
  /** Port of the APIs; any free one by default. */
  readonly port?: number
  /** Port of the page for people; any free one by default. */
  readonly pagePort?: number
}

export interface SandboxPagerDuty {
  /** `localhost:port` of both APIs, by https. */
  readonly host: string
  /** Trust this to speak to the APIs: NODE_EXTRA_CA_CERTS. */
  readonly caFile: string
  /** The only routing key and REST token it knows. */
  readonly routingKey: string
  readonly apiToken: string
  /** A page with the incidents for people; `/incidents.json` and `/changes.json` below it for machines. */
  readonly pageUrl: string
  /** Address of the page of the one service, which ends in its id. */
  readonly servicePage: string
  incidents(): readonly Incident[]
  /** Change events as they came. */
  changes(): readonly ChangeEvent[]
  /** Who is on call from now on, whatever the schedule: by name, or as `Name <e-mail>`. */
  setOnCall(people: readonly string[]): void
  /** Sets what goes wrong from now on; null ends it. The page goes on. */
  setFault(fault: Fault | null): void
  close(): Promise<void>
}

/** The real one takes a moment, too, until an accepted event becomes an incident. In ms. */
const processingTime = 100
const routingKey = 'sandbox0routing0key0000000000000'
const servicePath = '/service-directory/PSANDBOX'
const apiToken = 'sandbox-rest-token'

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('The server has no port.')
  return address.port
}

async function stop(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

/** A PagerDuty for the sandbox: the Events API v2, the part of the REST API that finds incidents and who is on call, and a page. */
export async function startPagerDuty(options: SandboxPagerDutyOptions): Promise<SandboxPagerDuty> {
  const { key, cert, caFile } = await certificate(options.dir)
  let incidents: readonly Incident[] = []
  const changes: ChangeEvent[] = []
  let fault: Fault | null = null
  let onCall: readonly string[] = ['On-call SRE']
  const processing = new Set<NodeJS.Timeout>()

  function process(event: IncidentEvent): void {
    const timer = setTimeout(() => {
      processing.delete(timer)
      incidents = applied(incidents, event, Date.now())
    }, processingTime)
    processing.add(timer)
  }

  const pages: RequestListener = (request, response) => {
    const path = URL.parse(request.url ?? '/', 'http://localhost')?.pathname
    if (path === '/incidents.json') return send(response, 200, incidents)
    if (path === '/changes.json') return send(response, 200, changes)
    const isAll = path === '/' || path === servicePath
    const shown = isAll ? incidents : incidents.filter(({ number }) => path === `/incidents/${number}`)
    if (!isAll && shown.length === 0) return send(response, 404, { error: 'not found' })
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    })
    response.end(page(shown))
  }
  const pageServer = createHttpServer(pages)
  const pageUrl = `http://localhost:${await listen(pageServer, options.pagePort ?? 0)}`

  const api: RequestListener = async (request, response) => {
    if (fault === 'off') return request.destroy()
    if (fault === 'slow') return
    if (fault === 'failing') return send(response, 500, { error: { message: 'Internal Server Error', code: 2000 } })
    if (fault === 'throttled') return send(response, 429, { error: { message: 'Too Many Requests', code: 2020 } })

    const url = URL.parse(request.url ?? '/', 'https://localhost')
    const route = `${request.method} ${url?.pathname}`
    if (route === 'POST /v2/enqueue') {
      const answer = enqueue(await json(request).catch(() => null), routingKey)
      if (answer.event !== undefined) process(answer.event)
      return send(response, answer.status, answer.body)
    }
    if (route === 'POST /v2/change/enqueue') {
      const answer = enqueueChange(await json(request).catch(() => null), routingKey)
      if (answer.change !== undefined) changes.push(answer.change)
      return send(response, answer.status, answer.body)
    }
    if (request.headers.authorization !== `Token token=${apiToken}`) {
      return send(response, 401, { error: { message: 'Unauthorized', code: 2006 } })
    }
    const key = url?.searchParams.get('incident_key') ?? null
    if (route === 'GET /incidents') return send(response, 200, listIncidents(incidents, key, pageUrl))
    if (route.startsWith('GET /services/')) return send(response, 200, serviceOf(route.slice('GET /services/'.length)))
    if (route === 'GET /oncalls') return send(response, 200, listOnCalls(onCall))
    send(response, 404, { error: { message: 'Not Found', code: 2100 } })
  }
  const apiServer = createHttpsServer({ key, cert }, api)
  const host = `localhost:${await listen(apiServer, options.port ?? 0)}`

  return {
    host,
    caFile,
    routingKey,
    apiToken,
    pageUrl,
    servicePage: `${pageUrl}${servicePath}`,
    incidents: () => incidents,
    changes: () => changes,
    setOnCall: (people) => {
      onCall = people
    },
    setFault: (next) => {
      fault = next
    },
    async close() {
      for (const timer of processing) clearTimeout(timer)
      await Promise.all([stop(apiServer), stop(pageServer)])
    },
  }
}

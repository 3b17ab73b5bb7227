import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'

/** Where something listens. */
interface Place {
  readonly host: string
  readonly port: number
}

export function placeOf(url: string): Place {
  const { hostname: host, port } = new URL(url)
  return { host, port: Number(port) }
}

/** Has a request answered by what stands behind, untouched. */
export function passOn(request: IncomingMessage, response: ServerResponse, { host, port }: Place): void {
  const { method = 'GET', url: path = '/', headers } = request
  const outgoing = httpRequest({ host, port, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  outgoing.on('error', () => response.destroy())
  request.pipe(outgoing)
}

/** A request for a socket, as a server hands it over. */
interface Upgrade {
  readonly request: IncomingMessage
  readonly client: Duplex
  readonly head: Buffer
}

/** Passes a socket on, both ways. `watch` sees what goes to the client. */
export function passSocketOn({ request, client, head }: Upgrade, place: Place, watch: (bytes: Buffer) => void): void {
  const behind = connect(place, () => behind.write(Buffer.concat([headOf(request), head])))
  behind.setNoDelay(true).on('data', watch)
  join(client, behind)
}

/** Two ends of one connection: it ends when either does. */
function join(one: Duplex, other: Duplex): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on('error', () => to.destroy())
    from.on('close', () => to.destroy())
    from.pipe(to)
  }
}

/** A request's head as it came, but for compression: triggers could not be seen in it. */
function headOf({ method, url, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/1.1`]
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const [name = '', value] = rawHeaders.slice(i, i + 2)
    if (name.toLowerCase() !== 'sec-websocket-extensions') lines.push(`${name}: ${value}`)
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
}

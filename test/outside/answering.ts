import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'

/** What a local server answers with: a status and a body, JSON unless it is text. Null: never. */
export type Answering = (request: IncomingMessage) => { readonly status: number; readonly body: unknown } | null

/** A local server that answers as told. */
export async function startAnswering(answer: Answering): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const told = answer(request)
    if (told === null) return
    response.writeHead(told.status, { 'content-type': 'application/json' })
    response.end(typeof told.body === 'string' ? told.body : JSON.stringify(told.body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening on a port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { z } from 'zod'
import { SlipwayError } from '../errors.ts'
import { directoryPrefix } from './directory.ts'
import { type Answered, type Breakable, carryOut } from './orders.ts'

/** Takes orders for a running world from a terminal. */
export interface Control {
  close(): Promise<void>
}

/** Where a world says how it is reached, in its directory. */
const fileName = 'control.json'
const fileSchema = z.object({ url: z.string(), token: z.string() })
const answerSchema = z.object({ text: z.string(), outcome: z.enum(['changed', 'told', 'not-understood']) })

/** Listens on loopback for orders, from whoever may read the world's directory. */
export async function startControl(dir: string, on: Breakable): Promise<Control> {
  const token = randomBytes(16).toString('hex')
  const server = createServer(async (request, response) => {
    if (request.headers.authorization !== `Bearer ${token}`) return void response.writeHead(401).end()
    response.end(JSON.stringify(carryOut(await textOf(request), on)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = z.object({ port: z.int() }).parse(server.address())
  const reached = { url: `http://127.0.0.1:${port}`, token }
  await writeFile(join(dir, fileName), JSON.stringify(reached), { mode: 0o600 })
  return {
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/**
 * Gives an order to the running sandbox: that of the directory, or the one that was started last.
 * @throws SlipwayError `sandbox-not-running`.
 */
export async function order(words: string, dir: string | undefined): Promise<Answered> {
  for (const place of dir === undefined ? await directories() : [resolve(dir)]) {
    const answer = await ask(join(place, fileName), words).catch(() => null)
    if (answer !== null) return answer
  }
  throw new SlipwayError('sandbox-not-running', { where: dir ?? `${tmpdir()}/${directoryPrefix}*` })
}

async function ask(file: string, words: string): Promise<Answered> {
  const { url, token } = fileSchema.parse(JSON.parse(await readFile(file, 'utf8')))
  const headers = { authorization: `Bearer ${token}` }
  const response = await fetch(url, { method: 'POST', headers, body: words, signal: AbortSignal.timeout(5_000) })
  return answerSchema.parse(await response.json())
}

/** Directories of sandboxes that chose none of their own, newest first; some may have been left behind. */
async function directories(): Promise<readonly string[]> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(directoryPrefix))
  const dated = await Promise.all(
    names.map(async (name) => {
      const path = join(tmpdir(), name)
      return { path, at: await stat(path).then(({ birthtimeMs }) => birthtimeMs) }
    }),
  )
  return dated.sort((one, other) => other.at - one.at).map(({ path }) => path)
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** A Prometheus with an own data directory that scrapes one target, whose text the test sets, every second. */
export interface TestPrometheus {
  readonly url: string
  /** Sets what the target exposes; null makes every scrape fail. */
  expose(text: string | null): void
  close(): Promise<void>
}

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server.address())
  server.close()
  await once(server, 'close')
  return port
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('not listening on a port')
  return address.port
}

/** Asks until the condition holds; fails after `limit` ms with the last thing seen. */
export async function until<T>(ask: () => Promise<T>, holds: (seen: T) => boolean, limit = 15_000): Promise<T> {
  const end = Date.now() + limit
  for (;;) {
    const seen = await ask()
    if (holds(seen)) return seen
    if (Date.now() > end) throw new Error(`not within ${limit} ms; last: ${JSON.stringify(seen)}`)
    await pause(50)
  }
}

/** `fill` may put blocks into the data directory before Prometheus starts. */
export async function startTestPrometheus(fill?: (data: string) => Promise<void>): Promise<TestPrometheus> {
  let exposed: string | null = ''
  const target = createServer((_request, response) => {
    response.statusCode = exposed === null ? 500 : 200
    response.setHeader('content-type', 'text/plain; version=0.0.4')
    response.end(exposed ?? '')
  }).listen(0, '127.0.0.1')
  await once(target, 'listening')

  const dir = await mkdtemp(join(tmpdir(), 'slipway-prometheus-'))
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [{ job_name: 'target', static_configs: [{ targets: [`127.0.0.1:${portOf(target.address())}`] }] }],
  }
  await writeFile(join(dir, 'prometheus.yml'), JSON.stringify(config))
  await fill?.(join(dir, 'data'))
  const port = await freePort()
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(dir, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let log = ''
  child.stderr.on('data', (chunk) => {
    log += String(chunk)
  })
  let failure: string | undefined
  child.on('error', (error) => {
    failure = `Prometheus can't be started (${error.message}). These tests need it: apt-get install prometheus`
  })
  child.on('exit', (code) => {
    failure ??= `Prometheus ended with ${code}: ${log}`
  })

  const url = `http://127.0.0.1:${port}`
  await until(
    async () => {
      if (failure !== undefined) throw new Error(failure)
      return (await fetch(`${url}/-/ready`).catch(() => null))?.ok ?? false
    },
    (ready) => ready,
    30_000,
  )
  return {
    url,
    expose: (text) => {
      exposed = text
    },
    async close() {
      const ended = once(child, 'exit')
      child.kill()
      await ended
      target.closeAllConnections()
      target.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

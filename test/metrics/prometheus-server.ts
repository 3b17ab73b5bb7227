import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { onFreePort, startChild } from '../../src/sandbox/child.ts'
import { freePort } from '../../src/sandbox/free-port.ts'
import { startKeeper } from '../../src/sandbox/keeper.ts'
import { answers } from '../../src/sandbox/until.ts'

/** A Prometheus with an own data directory that scrapes one target, whose text the test sets, every second. */
export interface TestPrometheus {
  readonly url: string
  /** Sets what the target exposes; null makes every scrape fail. */
  expose(text: string | null): void
  close(): Promise<void>
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
  const keeper = startKeeper(dir)
  const { port: targetPort } = z.object({ port: z.int() }).parse(target.address())
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [{ job_name: 'target', static_configs: [{ targets: [`127.0.0.1:${targetPort}`] }] }],
  }
  await writeFile(join(dir, 'prometheus.yml'), JSON.stringify(config))
  await fill?.(join(dir, 'data'))
  const { url, child } = await onFreePort(freePort, async (port) => {
    const url = `http://127.0.0.1:${port}`
    const args = [
      `--config.file=${join(dir, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ]
    const ready = () => answers(`${url}/-/ready`)
    const program = { command: 'prometheus', args, log: join(dir, 'prometheus.log'), ready, limit: 90_000 }
    return { url, child: await startChild(program, keeper) }
  })
  return {
    url,
    expose: (text) => {
      exposed = text
    },
    async close() {
      await child.stop()
      target.closeAllConnections()
      target.close()
      await rm(dir, { recursive: true, force: true })
      await keeper.finish()
    },
  }
}

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { z } from 'zod'
import type { Metrics } from '../../../src/jobs/ports.ts'
import { createPrometheus } from '../../../src/metrics/prometheus.ts'
import { serviceExposition, trackExposition } from '../../../src/sandbox/service/exposition.ts'
import { type ServiceModel, tracks } from '../../../src/sandbox/service/model.ts'
import { startTestPrometheus } from '../../metrics/prometheus-server.ts'

const run = promisify(execFile)
const deployments = { blue: 'claude-enhancer-blue', green: 'claude-enhancer-green' }

/** What a Prometheus would have scraped of a model at a moment (ms), in OpenMetrics' lines with their time. */
export function scrape(model: ServiceModel, service: string, at: number): readonly string[] {
  const told = [
    serviceExposition(model, service, deployments, at),
    ...tracks.map((track) => trackExposition(model, service, track)),
  ]
  return told
    .join('')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => `${line} ${at / 1_000}`)
}

/** A real Prometheus that holds a history, asked as of any moment of it. */
export interface History {
  /** Metrics as Slipway reads them when its clock says so. */
  metrics(clock: { now(): number }): Promise<Metrics>
  close(): Promise<void>
}

/** Starts one with the lines of all scrapes, oldest first. */
export async function startHistory(lines: readonly string[]): Promise<History> {
  const prometheus = await startTestPrometheus(async (data) => {
    const file = `${data}.txt`
    await writeFile(file, `${lines.join('\n')}\n# EOF\n`)
    await run('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', file, data])
  })
  const ways: Server[] = []
  return {
    async metrics(clock) {
      const way = await asOf(clock, prometheus.url)
      ways.push(way)
      const { port } = z.object({ port: z.int() }).parse(way.address())
      return createPrometheus({ url: `http://127.0.0.1:${port}`, timeout: 10_000, clock })
    },
    async close() {
      for (const way of ways) {
        way.closeAllConnections()
        way.close()
      }
      await prometheus.close()
    },
  }
}

/** A way to Prometheus on which its own now is that of the clock. */
async function asOf(clock: { now(): number }, target: string): Promise<Server> {
  const server = createServer(async (request, response) => {
    const asked = new URLSearchParams(await text(request))
    if (!asked.has('time')) asked.set('time', String(clock.now() / 1_000))
    const answer = await fetch(`${target}${request.url}`, { method: 'POST', body: asked })
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

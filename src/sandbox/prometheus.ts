import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { z } from 'zod'
import { type Child, onFreePort, startChild } from './child.ts'
import { freePort } from './free-port.ts'
import type { Keeper } from './keeper.ts'
import { answers } from './until.ts'

/** A Prometheus that scrapes the simulated service every second. */
export interface Prometheus extends Child {
  readonly url: string
}

const upAnswer = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
})

/** Starts a Prometheus below `dir` and waits until it has scraped the service once. `service` is the service's address. */
export async function startPrometheus(dir: string, service: string, keeper: Keeper): Promise<Prometheus> {
  const paths = ['/metrics', '/metrics/blue', '/metrics/green']
  const config = join(dir, 'prometheus.yml')
  const target = new URL(service).host
  await writeFile(
    config,
    stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: paths.map((path) => ({
        job_name: path.slice(1).replaceAll('/', '-'),
        metrics_path: path,
        static_configs: [{ targets: [target] }],
      })),
    }),
  )
  return onFreePort(freePort, async (port) => {
    const url = `http://127.0.0.1:${port}`
    const child = await startChild(
      {
        command: 'prometheus',
        args: [
          `--config.file=${config}`,
          `--storage.tsdb.path=${join(dir, 'prometheus')}`,
          '--storage.tsdb.retention.time=1d',
          `--web.listen-address=127.0.0.1:${port}`,
          '--log.level=warn',
        ],
        log: join(dir, 'prometheus.log'),
        ready: async () => (await answers(`${url}/-/ready`)) && allScraped(url, paths.length),
        limit: 30_000,
      },
      keeper,
    )
    return { ...child, url }
  })
}

async function allScraped(url: string, targets: number): Promise<true | undefined> {
  const response = await fetch(`${url}/api/v1/query?query=up`, { signal: AbortSignal.timeout(2_000) })
  const { data } = upAnswer.parse(await response.json())
  return (data.result.length === targets && data.result.every((series) => series.value[1] === '1')) || undefined
}

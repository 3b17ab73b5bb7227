import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { z } from 'zod'
import { SlipwayError } from '../errors.ts'
import { type Child, onFreePort, startChild } from './child.ts'
import { freePort } from './free-port.ts'
import type { Keeper } from './keeper.ts'
import { answers, until } from './until.ts'

/** A Prometheus that scrapes the simulated service. */
export interface Prometheus extends Child {
  readonly url: string
  /**
   * Returns once it has scraped the service so often that rates have numbers, about 8 s after its start.
   * @throws SlipwayError `sandbox-start-failed` when that takes a minute.
   */
  scraped(): Promise<void>
}

const upAnswer = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
})

/**
 * Starts a Prometheus below `dir`. `service` is the service's name and its address; nobody need answer there yet. It is scraped
 * every `interval` ms.
 */
export async function startPrometheus(
  dir: string,
  service: { readonly name: string; readonly url: string },
  interval: number,
  keeper: Keeper,
): Promise<Prometheus> {
  const paths = ['/metrics', '/metrics/blue', '/metrics/green']
  const config = join(dir, 'prometheus.yml')
  const target = new URL(service.url).host
  await writeFile(
    config,
    stringify({
      global: { scrape_interval: `${interval}ms`, scrape_timeout: `${interval}ms` },
      scrape_configs: paths.map((path) => ({
        job_name: path.slice(1).replaceAll('/', '-'),
        metrics_path: path,
        // Each path stands for pods of its own, and pods differ in their instance.
        static_configs: [{ targets: [target], labels: { job: service.name, instance: path } }],
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
        ready: () => answers(`${url}/-/ready`),
        limit: 90_000,
      },
      keeper,
    )
    return { ...child, url, scraped: () => untilScraped(url, paths.length) }
  })
}

async function untilScraped(url: string, targets: number): Promise<void> {
  if (await until(() => allScraped(url, targets), 60_000, 100)) return
  const output = `It has not scraped the service: see ${url}/targets.`
  throw new SlipwayError('sandbox-start-failed', { name: 'Prometheus', output, code: null })
}

/** A rate needs several scrapes: only then has every query a number. */
const scrapedEnough = 'up == 1 and count_over_time(up[1m]) >= 4'

async function allScraped(url: string, targets: number): Promise<true | undefined> {
  const query = new URLSearchParams({ query: scrapedEnough })
  const response = await fetch(`${url}/api/v1/query?${query}`, { signal: AbortSignal.timeout(2_000) })
  const { data } = upAnswer.parse(await response.json())
  return data.result.length === targets || undefined
}

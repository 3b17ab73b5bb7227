import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { until } from '../../src/sandbox/until.ts'
import { runs, traces } from './traces.ts'

vi.setConfig({ testTimeout: 300_000 })

const main = fileURLToPath(new URL('../../src/sandbox/main.ts', import.meta.url))
const parent = mkdtempSync(join(tmpdir(), 'slipway-test-'))
afterAll(() => rmSync(parent, { recursive: true }))

const description = z.object({
  urls: z.record(z.string(), z.url()),
  dir: z.string(),
  config: z.string(),
  log: z.string(),
  pids: z.record(z.string(), z.number()),
  env: z.record(z.string(), z.string()),
  channel: z.string(),
  users: z.record(z.string(), z.string()),
})

interface Running {
  readonly process: ChildProcess
  /** Everything on standard error so far. */
  readonly told: () => string
  readonly described: () => z.infer<typeof description>
  readonly ended: Promise<unknown[]>
}

/** Starts the sandbox, below a shell where told so, and waits until its one line is there. */
async function sandbox(name: string, options: { below?: 'shell'; without?: readonly string[] } = {}): Promise<Running> {
  const args = [main, '--json', '--dir', join(parent, name), ...(options.without ?? ['--without-slipway'])]
  const started =
    options.below === 'shell'
      ? spawn('sh', ['-c', '"$@" & wait', 'sh', process.execPath, ...args])
      : spawn(process.execPath, args)
  const lines: string[] = []
  const told: string[] = []
  started.stdout.on('data', (data) => lines.push(String(data)))
  started.stderr.on('data', (data) => told.push(String(data)))
  const ended = once(started, 'exit')
  const described = () => {
    expect(lines.join('').trim().split('\n')).toHaveLength(1)
    return description.parse(JSON.parse(lines.join('')))
  }
  await until(() => lines.join('').includes('\n') || started.exitCode !== null || undefined, 120_000)
  return { process: started, told: () => told.join(''), described, ended }
}

const nothingLeft = (world: Parameters<typeof traces>[0]) =>
  until(() => traces(world).length === 0 || undefined, 60_000)

test.concurrent.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends all of it in order', async (signal) => {
  const running = await sandbox(signal)
  const world = running.described()
  expect(Object.keys(world.pids).sort()).toEqual(['prometheus', 'redis', 'sandbox', 'slack'])
  expect(traces(world)).toHaveLength(5)
  running.process.kill(signal)
  expect(await running.ended).toEqual([0, null])
  expect(traces(world)).toEqual([])
})

test.concurrent('a kill -9 leaves nothing behind either', async () => {
  const running = await sandbox('killed')
  const world = running.described()
  running.process.kill('SIGKILL')
  await running.ended
  expect(await nothingLeft(world)).toBe(true)
})

test.concurrent('it ends when the process that started it does', async () => {
  const running = await sandbox('orphan', { below: 'shell' })
  const world = running.described()
  expect(runs(world.pids.sandbox ?? 0)).toBe(true)
  running.process.kill('SIGKILL')
  expect(await nothingLeft(world)).toBe(true)
})

test('a Ctrl-C while it starts leaves nothing behind', async () => {
  const dir = join(parent, 'early')
  const started = spawn(process.execPath, [main, '--dir', dir])
  const ended = once(started, 'exit')
  await until(() => existsSync(join(dir, 'redis.log')) || undefined, 60_000)
  started.kill('SIGINT')
  expect(await ended).toEqual([130, null])
  expect(existsSync(dir)).toBe(false)
})

test('a wrong option is told, and nothing is started', async () => {
  const running = await sandbox('wrong', { without: ['--speed', 'fast'] })
  expect(await running.ended).toEqual([1, null])
  expect(running.told()).toContain('--speed is fast, expected a number above 0.')
  expect(existsSync(join(parent, 'wrong'))).toBe(false)
})

test('Slipway is started again when it dies, but not with a wrong configuration', async () => {
  const running = await sandbox('restart', { without: [] })
  const world = running.described()
  process.kill(world.pids.slipway ?? 0, 'SIGKILL')
  const back = await until(() => /back, as process (\d+)/.exec(running.told())?.[1], 90_000)
  expect(running.told()).toContain('Slipway has ended (SIGKILL).')
  await expect.poll(async () => (await fetch(`${world.urls.slipway}/readyz`)).status).toBe(200)

  writeFileSync(world.config, readFileSync(world.config, 'utf8').replace('service:', 'servus:'))
  process.kill(Number(back), 'SIGKILL')
  const given = await until(() => running.told().includes('Its configuration is wrong') || undefined, 90_000)
  expect(given).toBe(true)
  expect((await fetch(world.urls.requests ?? '')).status).toBe(200)

  running.process.kill('SIGINT')
  expect(await running.ended).toEqual([0, null])
  expect(traces(world)).toEqual([])
})

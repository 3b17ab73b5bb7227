import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { history } from '../../../src/cli/history.ts'
import { type Child, startChild } from '../../../src/sandbox/child.ts'
import { freePort } from '../../../src/sandbox/free-port.ts'
import { type Keeper, startKeeper } from '../../../src/sandbox/keeper.ts'
import { ledgerOf } from '../../../src/sandbox/ledger-of.ts'
import { releaseTeam } from '../../../src/sandbox/release-team.ts'
import { slipwayMain } from '../../../src/sandbox/slipway-process.ts'
import { answers } from '../../../src/sandbox/until.ts'
import type { World } from '../../../src/sandbox/world.ts'
import { settledStory } from '../story.ts'
import { startUnhurriedWorld } from '../unhurried.ts'

let world: World
let keeper: Keeper
const started: Child[] = []
const logs: string[] = []
beforeAll(async () => {
  world = await startUnhurriedWorld({ speed: 120, slipway: false })
  keeper = startKeeper(join(world.dir, 'roles'))
})
afterAll(async () => {
  await Promise.all(started.map((child) => child.stop()))
  await keeper.finish()
  await world.stop()
})

/** Starts Slipway in a role and waits until it is ready. */
async function startRole(role: string, name: string, env: Readonly<Record<string, string>> = {}): Promise<Child> {
  const port = await freePort()
  logs.push(`${name}.log`)
  const child = await startChild(
    {
      command: process.execPath,
      args: [slipwayMain, 'start', '--role', role],
      env: { ...world.env, SLIPWAY_HTTP_PORT: String(port), ...env },
      log: join(world.dir, `${name}.log`),
      ready: () => answers(`http://127.0.0.1:${port}/readyz`),
      limit: 90_000,
    },
    keeper,
  )
  started.push(child)
  return child
}

/** A machine whose clock is off by so many hours. */
const clockOff = (hours: number) => ({
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(`const now = Date.now; Date.now = () => now() + ${hours} * 3_600_000`)}`,
})

test('two apps and two workers share a release, whatever their clocks say, and any of them may go', async () => {
  const team = releaseTeam(world)
  const began = Date.now()
  const apps = [await startRole('app', 'app-1', clockOff(1)), await startRole('app', 'app-2', clockOff(-1))]
  const workers = [
    await startRole('worker', 'worker-1', clockOff(-1)),
    await startRole('worker', 'worker-2', clockOff(1)),
  ]
  const card = await team.startRelease('5.1.0')
  await team.signPhase(card, 1)
  workers[0]?.kill('SIGKILL')
  await team.hears(card, /The canary gets 5 %/)
  apps[0]?.kill('SIGKILL')
  await startRole('worker', 'worker-3')
  await team.signPhase(card, 2)
  const asked = performance.now()
  workers[1]?.kill('SIGTERM')
  expect(await workers[1]?.exited).toEqual({ code: 0, signal: null })
  expect(performance.now() - asked).toBeLessThan(60_000)
  await team.hears(card, /The canary gets 20 %/)
  const { expected, posted } = await settledStory(world, card, 1)
  expect(posted).toEqual(expected)
  expect(posted.length).toBeGreaterThan(5)
  const times = (await ledgerOf(world, 1)).map((e) => e.at)
  expect(times.filter((at) => at < began || at > Date.now() + 60_000)).toEqual([])

  // What is on record in the processes' outputs is what is on record in Redis.
  const options = { rollout: '1', replay: true, json: true, service: world.config.service, config: world.configFile }
  const hashOf = async (source: { file?: string }) => {
    const { lines } = await history({ ...options, ...source, redisUrl: () => world.redis.url })
    return /"hash":"([0-9a-f]{64})"/.exec(lines[0] ?? '')?.[1] ?? 'none'
  }
  const fromOutputs = async () => {
    const outputs = await Promise.all(logs.map((name) => readFile(join(world.dir, name), 'utf8')))
    await writeFile(join(world.dir, 'journal'), outputs.join('\n'))
    return hashOf({ file: join(world.dir, 'journal') })
  }
  const both = async () => ((await fromOutputs()) === (await hashOf({})) ? 'the same' : 'different')
  await expect.poll(both, { timeout: 60_000, interval: 100 }).toBe('the same')
  expect(await hashOf({})).not.toBe('none')
}, 500_000)

test('a worker is ready without Slack', async () => {
  const away = `http://127.0.0.1:${await freePort()}/api/`
  const worker = await startRole('worker', 'worker-alone', { SLACK_API_URL: away })
  await worker.stop()
  expect(await worker.exited).toEqual({ code: 0, signal: null })
}, 500_000)

test.each([
  [['start', '--role', 'web'], '--role is web, expected app, worker or both.'],
  [['start', '--roles', 'app'], "Unknown option '--roles'"],
])('%j is refused', async (args, told) => {
  const refused = spawn(process.execPath, [slipwayMain, ...args], { env: world.env })
  const [ended, words] = await Promise.all([once(refused, 'exit'), text(refused.stderr)])
  expect(ended).toEqual([2, null])
  expect(words).toContain(told)
  expect(words.split('\n').length).toBeLessThan(5)
})

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { wordsOf } from '../../../src/sandbox/slack-driver.ts'
import { slipwayMain } from '../../../src/sandbox/slipway-process.ts'
import { startWorld, type World } from '../../../src/sandbox/world.ts'
import { startGate } from '../gate.ts'

let world: World
let slipway: ChildProcess | undefined
const undo: (() => unknown)[] = []
beforeEach(async () => {
  world = await startWorld({ speed: 120, slipway: false })
})
afterEach(async () => {
  if (slipway !== undefined && slipway.exitCode === null && slipway.signalCode === null) {
    slipway.kill('SIGKILL')
    await once(slipway, 'exit')
  }
  await Promise.all(undo.splice(0).map((one) => one()))
  await world.stop()
})

const logFile = () => join(world.dir, 'slipway.log')

function start(env: Readonly<Record<string, string>>): ChildProcess {
  const log = openSync(logFile(), 'a')
  slipway = spawn(process.execPath, [slipwayMain, 'start'], {
    env: { PATH: process.env.PATH ?? '', ...world.env, ...env },
    stdio: ['ignore', log, log],
  })
  return slipway
}

const log = () => readFile(logFile(), 'utf8')
const check = z.object({ ok: z.boolean(), since: z.string(), detail: z.string().optional() })
const page = z.object({ ready: z.boolean(), dependencies: z.record(z.string(), check) })

/** What /readyz says; null while nobody answers there. */
async function readyz(): Promise<z.infer<typeof page> | null> {
  const response = await fetch(`${world.urls.slipway}/readyz`).catch(() => null)
  return response === null ? null : page.parse(await response.json())
}

const waiting = async () =>
  Object.entries((await readyz())?.dependencies ?? {}).flatMap(([name, { ok }]) => (ok ? [] : [name]))
const detail = async (name: string) => (await readyz())?.dependencies[name]?.detail
const isReady = async () => (await readyz())?.ready
const patience = { timeout: 90_000, interval: 200 }

async function asks(role: string, line: string, words: RegExp): Promise<string> {
  const user = world.users[role] ?? ''
  const before = new Set((await world.slack.ephemerals(user)).map((m) => m.ts))
  await world.slack.command(user, line)
  const found = await world.slack.waitForMessage(
    (m) => m.ephemeral_to === user && !before.has(m.ts) && words.test(wordsOf(m)),
    60_000,
  )
  return wordsOf(found)
}

test('a missing token is told by its name, and no value is', async () => {
  const { exitCode } = await ended(
    start({ SLACK_BOT_TOKEN: '', SLACK_APP_TOKEN: 'SENSITIVE', PAGERDUTY_ROUTING_KEY: '' }),
  )
  expect(exitCode).toBe(78)
  const told = await log()
  expect(told).toMatch(/SLACK_BOT_TOKEN is missing/)
  expect(told).toMatch(/PAGERDUTY_ROUTING_KEY is missing/)
  expect(told).toMatch(/SLACK_APP_TOKEN is wrong/)
  expect(told).not.toContain('SENSITIVE')
}, 500_000)

test('a kubeconfig that is not there is told by its name', async () => {
  const { exitCode } = await ended(start({ KUBECONFIG: '/none/kubeconfig' }))
  expect(exitCode).toBe(1)
  expect(await log()).toMatch(/The kubeconfig \/none\/kubeconfig can't be read/)
}, 500_000)

async function ended(child: ChildProcess): Promise<ChildProcess> {
  await once(child, 'exit')
  return child
}

test('nothing is there at the start: it says what it waits for, and each comes back by itself, told once', async () => {
  const [kubernetes, prometheus, slack] = await Promise.all(
    [world.urls.kubernetes, world.urls.prometheus, world.urls.slack].map(startGate),
  )
  if (kubernetes === undefined || prometheus === undefined || slack === undefined) throw new Error('no gates')
  undo.push(kubernetes.close, prometheus.close, slack.close)
  const kubeconfig = join(world.dir, 'gated-kubeconfig')
  const text = await readFile(world.kubernetes.kubeconfig, 'utf8')
  await writeFile(kubeconfig, text.replace(world.urls.kubernetes, `http://127.0.0.1:${kubernetes.port}`))
  await world.redis.stop()
  world.pagerduty.setFault('off')
  start({
    KUBECONFIG: kubeconfig,
    SLIPWAY_PROMETHEUS_URL: `http://127.0.0.1:${prometheus.port}`,
    SLACK_API_URL: `http://127.0.0.1:${slack.port}/api/`,
  })
  await expect.poll(log, patience).toMatch(/PagerDuty is away/)
  const names = ['redis', 'slack', 'kubernetes', 'prometheus', 'pagerduty']
  await expect.poll(waiting, patience).toEqual(names)
  await expect.poll(() => detail('redis'), patience).toMatch(/Redis did not answer/)
  await expect.poll(() => detail('slack'), patience).toMatch(/Slack did not answer auth\.test/)
  await expect.poll(() => detail('kubernetes'), patience).toMatch(/API server did not answer/)
  await expect.poll(() => detail('prometheus'), patience).toMatch(/Prometheus gives no number/)
  await expect.poll(() => detail('pagerduty'), patience).toMatch(/PagerDuty does not answer/)
  expect(await isReady()).toBe(false)

  await world.redis.start()
  for (const gate of [kubernetes, prometheus, slack]) gate.open()
  world.pagerduty.setFault(null)
  await expect.poll(waiting, patience).toEqual([])
  await expect.poll(isReady, patience).toBe(true)
  /** How often a system was told to be back, each time after it was told once to be away; NaN where that is not so. */
  const returns = async (title: string) => {
    const told = [...(await log()).matchAll(new RegExp(`"${title} is (away|back)`, 'g'))].map(([, word]) => word)
    const inTurn = told.every((word, index) => word === (index % 2 === 0 ? 'away' : 'back'))
    return inTurn ? told.filter((word) => word === 'back').length : Number.NaN
  }
  // Once, but a busy machine may not hear of one of them for a moment.
  for (const title of ['Redis', 'Slack', 'Kubernetes', 'Prometheus', 'PagerDuty'])
    await expect.poll(() => returns(title), patience).toBeGreaterThanOrEqual(1)

  // Gone later: /deploy status says so where people are.
  kubernetes.shut()
  prometheus.shut()
  await expect.poll(waiting, patience).toEqual(['kubernetes', 'prometheus'])
  await expect.poll(isReady, patience).toBe(true)
  const status = await asks('sre', '/deploy status', /Waiting for Kubernetes/)
  expect(status).toMatch(
    /Waiting for Kubernetes since \d\d:\d\d:\d\d UTC \(.*\): The Kubernetes API server did not answer/,
  )
  expect(status).toMatch(/Waiting for Prometheus since/)
  await world.redis.stop()
  await expect.poll(waiting, patience).toContain('redis')
  await asks(
    'sre',
    '/deploy status',
    /Redis does not answer; watching and rollback go on from memory.*\n?.*Waiting for Redis/,
  )
  await asks('sre', '/deploy pause', /Redis did not answer.*Nothing was done/)
  await asks('sre', '/deploy stauts', /Did you mean `\/deploy status`/)
  await world.redis.start()
  kubernetes.open()
  prometheus.open()
  await expect.poll(waiting, patience).toEqual([])
  for (const title of ['Redis', 'Kubernetes', 'Prometheus'])
    await expect.poll(() => returns(title), patience).toBeGreaterThanOrEqual(2)
  expect(world.pagerduty.incidents()).toEqual([])
}, 500_000)

test('wrong tokens, missing scopes and a wrong routing key are told by name, never by value, until they are right', async () => {
  const { strict } = world.workspace
  start({
    SLACK_BOT_TOKEN: 'xoxb-SENSITIVE',
    SLACK_APP_TOKEN: 'xapp-SENSITIVE',
    PAGERDUTY_ROUTING_KEY: 'SENSITIVE',
  })
  await expect.poll(() => detail('slack'), patience).toMatch(/does not take SLACK_BOT_TOKEN \(invalid_auth\)/)
  await expect.poll(() => detail('pagerduty'), patience).toMatch(/Check PAGERDUTY_ROUTING_KEY/)
  for (const scope of ['channels:history', 'groups:history']) strict.scopes.bot.delete(scope)
  strict.tokens.bot.add('xoxb-SENSITIVE')
  await expect
    .poll(() => detail('slack'), patience)
    .toMatch(/SLACK_BOT_TOKEN lacks scopes: channels:history, groups:history\./)
  strict.left.add(world.channel)
  for (const scope of ['channels:history', 'groups:history']) strict.scopes.bot.add(scope)
  await expect.poll(() => detail('slack'), patience).toMatch(/Slipway is not in the channel C0RELEASES/)
  strict.left.delete(world.channel)
  await expect.poll(() => detail('slack'), patience).toMatch(/does not take SLACK_APP_TOKEN \(invalid_auth\)/)
  strict.scopes.app.clear()
  strict.tokens.app.add('xapp-SENSITIVE')
  await expect
    .poll(() => detail('slack'), patience)
    .toMatch(/does not take SLACK_APP_TOKEN \(missing_scope \(connections:write\)\)/)
  strict.scopes.app.add('connections:write')
  await expect.poll(waiting, patience).toEqual(['pagerduty'])
  const told = await log()
  expect(told).not.toContain('SENSITIVE')
  expect(told.split('"Slack is back"')).toHaveLength(2)
  expect(told).toMatch(/"level":50.*does not take SLACK_BOT_TOKEN/)
}, 500_000)

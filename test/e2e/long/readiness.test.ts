import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { askSlipway } from '../../../src/cli/ask-slipway.ts'
import { readinessAsk } from '../../../src/cli/readiness.ts'
import { systemClock } from '../../../src/clock.ts'
import { catalogue } from '../../../src/readiness/catalogue.ts'
import { type ReadinessReport, reportSchema } from '../../../src/readiness/report.ts'
import { order } from '../../../src/sandbox/control.ts'
import { releaseTeam } from '../../../src/sandbox/release-team.ts'
import { wordsOf } from '../../../src/sandbox/slack-driver.ts'
import { slipwayMain } from '../../../src/sandbox/slipway-process.ts'
import { until } from '../../../src/sandbox/until.ts'
import { startWorld, type World } from '../../../src/sandbox/world.ts'

/** For a change to show in Prometheus and in a report, on a busy machine, in ms. */
const patience = 120_000

vi.setConfig({ testTimeout: 500_000 })

let world: World
beforeAll(async () => {
  world = await startWorld({ speed: 60 })
})
afterAll(() => world.stop())

async function report(): Promise<ReadinessReport> {
  const options = { service: world.config.service, redisUrl: world.redis.url, newId: randomUUID, clock: systemClock }
  const answer = await askSlipway({ ...options, ask: readinessAsk(['5.1.0']), patience })
  if (answer.report === undefined) throw new Error(answer.text)
  return answer.report
}

const troublesOf = ({ findings }: ReadinessReport) =>
  findings.filter((f) => f.result !== 'pass').map((f) => `${f.category}: ${f.check} ${f.result}s, ${f.found}`)

/** Waits for a report that finds exactly this: a check with its result, or nothing. */
async function finds(expected: string): Promise<void> {
  let last: readonly string[] = []
  const isSo = async () => {
    last = troublesOf(await report())
    return (expected === '' ? last.length === 0 : last.length === 1 && last[0]?.startsWith(`${expected},`)) || undefined
  }
  if (!(await until(isSo, patience, 200)))
    throw new Error(`expected ${expected || 'nothing'}, found ${last.join('; ')}`)
}

/** The command as somebody types it: what it prints, and its exit code. */
async function slipway(...words: readonly string[]): Promise<{ readonly stdout: string; readonly exit: number }> {
  const env = { ...process.env, ...world.env }
  const run = promisify(execFile)(process.execPath, [slipwayMain, 'readiness', ...words], { env })
  return run.then(
    ({ stdout }) => ({ stdout, exit: 0 }),
    (error: unknown) => {
      const { stdout, code } = z.looseObject({ stdout: z.string(), code: z.number() }).parse(error)
      return { stdout, exit: code }
    },
  )
}

test('a healthy world is ready, looked at by every check that there is', async () => {
  const asked = async () => {
    const { stdout, exit } = await slipway('5.1.0', '--json', '--strict')
    const told = reportSchema.parse(JSON.parse(stdout))
    const off = told.off.map(({ check }) => check)
    return { troubles: troublesOf(told), exit, judgement: told.judgement, off, looks: told.findings.length }
  }
  // No freeze is configured.
  const expected = { off: ['freeze'], looks: catalogue.length - 1 }
  await expect.poll(asked, { timeout: patience }).toEqual({ troubles: [], exit: 0, judgement: 'ready', ...expected })
})

describe('the report finds exactly what is broken', () => {
  test.each([
    ['quota', 'infrastructure: quotas block'],
    ['health', 'application: health block'],
    ['argo-cd', 'configuration: git-ops warn'],
    ['alert', 'monitoring: alerts block'],
    ['agents-compatible', 'agents: agents-compatible block'],
    ['workflows-stuck', 'agents: workflows-stuck block'],
    ['backup-recent', 'data: backup-recent block'],
    ['restore-tested', 'data: restore-tested block'],
    ['scope', 'security: bot-scopes warn'],
    ['on-call', 'team: on-call block'],
  ])('%s', async (what, expected) => {
    expect(await order(`break ${what}`, world.dir)).toMatchObject({ outcome: 'changed' })
    await finds(`${expected}s`)
    expect(await order(`heal ${what}`, world.dir)).toMatchObject({ outcome: 'changed' })
    await finds('')
  })
})

test('the exit code tells a pipeline warnings from blocks, and some categories from all', async () => {
  await order('break scope', world.dir)
  await finds('security: bot-scopes warns')
  const asked = (...words: readonly string[]) => expect.poll(() => slipway(...words), { timeout: patience })
  await asked('5.1.0').toMatchObject({ exit: 0, stdout: expect.stringMatching(/ready with warnings/) })
  await asked('5.1.0', '--strict').toMatchObject({ exit: 1 })
  await asked('5.1.0', '--strict', '--category', 'data,agents').toMatchObject({
    exit: 0,
    stdout: expect.stringMatching(/A part of the checks allows no start/),
  })
  await order('break health', world.dir)
  await asked('5.1.0', '--category', 'application').toMatchObject({
    exit: 2,
    stdout: expect.stringMatching(/BLOCKS .*health[\s\S]*to do/),
  })
  await order('heal', world.dir)
  await finds('')
})

test('in Slack a card becomes the report, its thread tells what was found, and has it as a file', async () => {
  const { slack } = world
  await releaseTeam(world).isReady('5.1.0')
  const card = await slack.waitForMessage((m) => /5\.1\.0: ready$/.test(m.text), patience)
  expect(card.edited).toBeDefined()
  const file = z.object({ files: z.array(z.object({ name: z.string(), url_private: z.string() })).length(1) })
  const shared = await slack.waitForMessage((m) => m.thread_ts === card.ts && file.safeParse(m).success, patience)
  const [found] = file.parse(shared).files
  const headers = { authorization: `Bearer ${world.env.SLACK_BOT_TOKEN}` }
  const content: unknown = await (await fetch(found?.url_private ?? '', { headers })).json()
  expect(found?.name).toBe('readiness-5.1.0.json')
  expect(reportSchema.parse(content).judgement).toBe('ready')
  const replies = (await slack.thread(card.ts)).slice(1).map(wordsOf)
  expect(replies).toHaveLength(9)
  expect(replies[0]).toMatch(/^\*Infrastructure\*: \d+ pass\n[\s\S]*Looked at: [\s\S]*Found: [\s\S]*Expected: /)
  expect(world.workspace.strict.refused).toEqual([])
})

test('when a phase is asked for, its thread tells what has changed since the report', async () => {
  const { slack, users } = world
  await finds('')
  await order('break on-call', world.dir)
  await slack.command(users.commander ?? '', '/deploy advance 5.1.0')
  const told = await slack.waitForMessage((m) => wordsOf(m).includes('Readiness before phase 1'), patience)
  expect(told.thread_ts).toBeDefined()
  expect(wordsOf(told)).toMatch(/NOT READY[\s\S]*\n☒ Blocks now: \*Somebody is on call\* \(passed\)\. Found: nobody\./)
})

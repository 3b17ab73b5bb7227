import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { wordsOf } from '../../../src/sandbox/slack-driver.ts'
import { answers, until } from '../../../src/sandbox/until.ts'
import { startWorld, type World } from '../../../src/sandbox/world.ts'
import { kubectl } from '../hands.ts'
import { observedConfig } from '../observed-config.ts'

/** Every command of the guide's code blocks, in order. */
const commands = [...readFileSync('docs/guide.md', 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)]
  .flatMap(([, block = '']) => block.replaceAll(/\\\n\s*/g, ' ').split('\n'))
  .filter((line) => line.trim() !== '' && !line.startsWith('#'))

let given: Awaited<ReturnType<typeof observedConfig>>
let world: World
/** Where the guide's reader stands: a checkout with a configuration of its own. */
let here: string
let running: ReturnType<typeof spawn> | undefined
const url = () => world.urls.slipway

beforeAll(async () => {
  given = await observedConfig()
  world = await startWorld({ speed: 120, config: given.file, slipway: false })
  here = join(given.dir, 'checkout')
  const bin = join(given.dir, 'bin')
  await Promise.all([mkdir(here), mkdir(bin)])
  await Promise.all(['node_modules', 'k8s', 'package.json'].map((name) => symlink(resolve(name), join(here, name))))
  await cp(world.configFile, join(here, 'deployment-config.yaml'))
  const standIn = resolve('test/e2e/kubectl.ts')
  await writeFile(
    join(bin, 'kubectl'),
    `#!/bin/sh\nKUBECONFIG='${world.kubernetes.kubeconfig}' exec '${process.execPath}' '${standIn}' "$@"\n`,
    { mode: 0o755 },
  )
})
afterAll(async () => {
  // npx and what it runs: a group of its own.
  if (running?.pid !== undefined && running.exitCode === null) {
    const ended = once(running, 'exit')
    process.kill(-running.pid, 'SIGTERM')
    await ended
  }
  await world.stop()
  await rm(given.dir, { recursive: true })
})

const env = () => ({
  ...world.env,
  HOME: given.dir,
  PATH: [join(given.dir, 'bin'), resolve('node_modules/.bin'), process.env.PATH ?? ''].join(':'),
})

/** Runs a line of the guide in a shell, at the sandbox's port; fails when it does. */
async function run(line: string): Promise<string> {
  const here8080 = line.replace('http://localhost:8080', url())
  const { stdout } = await promisify(execFile)('bash', ['-euc', here8080], { cwd: here, env: env(), timeout: 120_000 })
  return stdout
}

async function roleOf(name: string): Promise<string> {
  const { api } = await kubectl(world)
  const { namespace } = world.config.cluster
  const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/roles/${name}`
  return JSON.stringify((await api.must('GET', path)).rules)
}

/** A command that is not run here, and why. */
const notRun: Readonly<Record<string, string>> = {
  'npm ci':
    'script/setup has run exactly this before any test; again it would take the packages away from under the others',
  'npx slipway rollback -f':
    'goes by the mark of a release that Slipway drives, and here it only observes: test/e2e/rollback.test.ts runs it',
}

const shiftByHand = `kubectl -n claude-enhancer patch virtualservice claude-enhancer --type=json -p '[{"op":"replace","path":"/spec/http/0/route/0/weight","value":95},{"op":"replace","path":"/spec/http/0/route/1/weight","value":5}]'`

/** What each of the others promises, checked. */
const outcomes: Readonly<Record<string, (line: string) => Promise<void>>> = {
  async 'kubectl apply -f k8s/slipway-observe-rbac.yaml'(line) {
    expect(await run(line)).toMatch(/role\/slipway (created|configured)/)
    expect(await roleOf('slipway')).not.toContain('patch')
  },
  async 'kubectl apply -f k8s/slipway-observe-rbac-http-route.yaml'(line) {
    await run(line)
    expect(await roleOf('slipway-http-route')).not.toContain('patch')
  },
  async 'kubectl -n claude-enhancer get deployments'(line) {
    expect((await run(line)).trim().split('\n')).toEqual(['claude-enhancer-blue', 'claude-enhancer-green'])
  },
  async 'npx slipway config check deployment-config.yaml'(line) {
    expect(await run(line)).toContain('deployment-config.yaml is valid')
  },
  async 'npx slipway start --config deployment-config.yaml'(line) {
    running = spawn('bash', ['-euc', `exec ${line}`], { cwd: here, env: env(), stdio: 'ignore', detached: true })
    expect(await until(async () => (await answers(`${url()}/readyz`)) || undefined, 120_000)).toBe(true)
  },
  async 'curl --fail http://localhost:8080/readyz'(line) {
    expect(await run(line)).toContain('kubernetes')
  },
  async [shiftByHand](line) {
    await run(line)
    const told = await world.slack.waitForMessage((m) => /The canary gets 5 %/.test(wordsOf(m)), 60_000)
    expect(wordsOf(told)).toContain('by kubectl-patch, not by Slipway')
  },
  async 'npx slipway history'(line) {
    expect(await run(line)).toMatch(/#1 .*observing/)
  },
  async 'kubectl apply -f k8s/slipway-rbac.yaml'(line) {
    expect(await run(line)).toContain('role/slipway configured')
    expect(await roleOf('slipway')).toContain('patch')
  },
  async 'kubectl apply -f k8s/slipway-rbac-http-route.yaml'(line) {
    await run(line)
    expect(await roleOf('slipway-http-route')).toContain('patch')
  },
}

test('every command of the guide is run here, or named with the reason why not, and no other', () => {
  expect([...commands].toSorted()).toEqual([...Object.keys(outcomes), ...Object.keys(notRun)].toSorted())
})

test('the commands of the guide, in its order, lead to what it says', async () => {
  for (const line of commands) {
    if (line in notRun) continue
    await outcomes[line]?.(line)
  }
}, 500_000)

import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { connect } from '../../src/ledger/connect.ts'
import { type Child, onFreePort, startChild } from '../../src/sandbox/child.ts'
import { readManifests } from '../../src/sandbox/cluster/manifests.ts'
import { freePort } from '../../src/sandbox/free-port.ts'
import { startKeeper } from '../../src/sandbox/keeper.ts'

const container = z.object({
  command: z.tuple([z.literal('redis-server')], z.string()),
  args: z.array(z.string()),
  env: z.array(z.object({ name: z.string(), valueFrom: z.object({ secretKeyRef: z.object({ name: z.string() }) }) })),
  readinessProbe: z.object({ exec: z.object({ command: z.tuple([z.literal('redis-cli')], z.string()) }) }),
})
const statefulSet = z.object({
  spec: z.object({ template: z.object({ spec: z.object({ containers: z.tuple([container]) }) }) }),
})

const password = 'f00dfeedf00dfeed'
let dir: string
let keeper: ReturnType<typeof startKeeper>
let started: { readonly port: number; readonly child: Child }
let probe: (port: number, auth: string | undefined) => Promise<string>

/** Redis as the manifest starts it, with what Kubernetes puts in: the volume, and the variable of the Secret. */
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-test-'))
  keeper = startKeeper(dir)
  const [found] = (await readManifests('k8s/redis.yaml')).filter(({ kind }) => kind === 'StatefulSet')
  const [redis] = statefulSet.parse(found).spec.template.spec.containers
  const { command, args, env, readinessProbe } = redis
  const names = env.map(({ name }) => name)
  const filledIn = [...command.slice(1), ...args].map((word) =>
    names.reduce((text, name) => text.replace(`$(${name})`, password), word === '/data' ? dir : word),
  )
  probe = async (port, auth) => {
    const words = readinessProbe.exec.command.slice(1)
    const given = { PATH: process.env.PATH, ...(auth !== undefined && names[0] && { [names[0]]: auth }) }
    return promisify(execFile)('redis-cli', ['-p', String(port), ...words], { env: given }).then(
      ({ stdout }) => stdout.trim(),
      () => 'failed',
    )
  }
  const run = (port: number) =>
    startChild(
      {
        command: command[0],
        args: [...filledIn, '--bind', '127.0.0.1', '--port', String(port)],
        log: join(dir, 'redis.log'),
        ready: async () => (await probe(port, password)) === 'PONG' || undefined,
        limit: 60_000,
      },
      keeper,
    )
  started = await onFreePort(freePort, async (port) => ({ port, child: await run(port) }))
})
afterAll(async () => {
  await started.child.stop()
  await keeper.finish()
  await rm(dir, { recursive: true, force: true })
})

it('lets in whoever has the password of the Secret, and nobody else', async () => {
  expect(await probe(started.port, password)).toBe('PONG')
  expect(await probe(started.port, undefined)).toBe('failed')
  expect(await probe(started.port, 'another')).toBe('failed')
})

it('takes the address that k8s/slipway.yaml asks for', async () => {
  const client = connect(`redis://:${password}@127.0.0.1:${started.port}`, 'calls')
  await client.connect()
  expect(await client.config('GET', 'appendfsync')).toEqual(['appendfsync', 'always'])
  client.disconnect()
})

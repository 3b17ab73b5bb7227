import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { Secret } from '../../src/config/secret.ts'
import { own } from '../../src/jobs/outcome.ts'
import { project } from '../../src/jobs/project.ts'
import { createBucketSink } from '../../src/records/bucket-sink.ts'
import { createSink } from '../../src/records/create-sink.ts'
import { createDirectorySink } from '../../src/records/directory-sink.ts'
import type { Sink } from '../../src/records/sink.ts'
import { createWrittenRecord } from '../../src/records/written-record.ts'
import { createFakeWorld, type FakeWorld } from '../jobs/fake-world.ts'
import { eventsOf, say, startRelease, stateOf } from '../jobs/release.ts'

/** An object storage of the test's own: what was put, and what it answers. */
interface Put {
  readonly url: string
  readonly authorization: string
  readonly token: string
  readonly body: string
}
let server: Server
let endpoint: string
const puts: Put[] = []
let status = 200
let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-sink-'))
  server = createServer(async (request, response) => {
    if (status === 0) return request.destroy()
    const { authorization = '', 'x-amz-security-token': token = '' } = request.headers
    puts.push({
      url: `${request.method} ${request.url}`,
      authorization,
      token: String(token),
      body: await text(request),
    })
    response.writeHead(status).end('<Error/>')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  endpoint = `http://127.0.0.1:${z.object({ port: z.number() }).parse(server.address()).port}`
})
afterAll(async () => {
  server.close()
  server.closeAllConnections()
  await rm(dir, { recursive: true, force: true })
})
afterEach(() => {
  status = 200
  puts.length = 0
})

const storage = { keyId: new Secret('AKIAEXAMPLE'), key: new Secret('hidden-key'), session: new Secret('session') }
const bucket = () =>
  createBucketSink(
    { bucket: 'records', endpoint, region: 'eu-central-1', prefix: 'slipway/', timeout: 20_000 },
    storage,
  )

test('an object is put with a signature, and the key itself is never sent', async () => {
  await bucket().write('app-1.jsonl', '{"a":1}\n')
  expect(puts).toMatchObject([{ url: 'PUT /records/slipway/app-1.jsonl', body: '{"a":1}\n', token: 'session' }])
  expect(puts[0]?.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE\/\d{8}\/eu-central-1\/s3\/aws4_request, .*Signature=[0-9a-f]{64}$/,
  )
  expect(JSON.stringify(puts)).not.toContain('hidden-key')
})

test.each([
  [301, 'sink-refused'],
  [403, 'sink-refused'],
  [404, 'sink-refused'],
  [408, 'sink-unreachable'],
  [425, 'sink-unreachable'],
  [429, 'sink-unreachable'],
  [503, 'sink-unreachable'],
  [0, 'sink-unreachable'],
])('status %s is told as %s, after one try', async (answer, code) => {
  status = answer
  const error = await bucket()
    .write('app-1.jsonl', 'x')
    .then(
      () => null,
      (thrown: unknown) => thrown,
    )
  expect(error).toMatchObject({ code })
  expect(JSON.stringify(error)).not.toContain('hidden-key')
  expect(puts.length).toBeLessThanOrEqual(1)
})

test('a file takes its name when it is whole, and is written over', async () => {
  const sink = createDirectorySink(dir, () => 'id')
  await sink.write('app-1.jsonl', 'one\n')
  await sink.write('app-1.jsonl', 'two\n')
  expect(await readdir(dir)).toEqual(['app-1.jsonl'])
  expect(await readFile(join(dir, 'app-1.jsonl'), 'utf8')).toBe('two\n')
  const nowhere = createDirectorySink(join(dir, 'missing'), () => 'id')
  await expect(nowhere.write('a', 'b')).rejects.toMatchObject({ code: 'sink-refused', detail: { why: 'ENOENT' } })
})

test('a file that could not take its name is not left behind', async () => {
  const folder = await mkdtemp(join(dir, 'failing-'))
  await mkdir(join(folder, 'app-1.jsonl'))
  const sink = createDirectorySink(folder, () => 'id')
  await expect(sink.write('app-1.jsonl', 'one\n')).rejects.toMatchObject({
    code: 'sink-refused',
    detail: { why: 'EISDIR' },
  })
  expect(await readdir(folder)).toEqual(['app-1.jsonl'])
})

test('a bucket without its key is a mistake of the environment', () => {
  const config = { bucket: 'records', endpoint, region: 'r', prefix: '', timeout: 1 }
  expect(() => createSink(config, undefined, () => 'id')).toThrow(/AWS_ACCESS_KEY_ID/)
  expect(createSink(undefined, storage, () => 'id')).toBeNull()
})

const linesOf = (world: FakeWorld) => ({
  ledger: async (rollout: number) => (await world.rollouts.history(rollout)).map((event) => JSON.stringify(event)),
  record: async (since: number) => [`since ${since}`],
})

/** Rolls a release back and has it written. */
async function writeRolledBack(world: FakeWorld, restoredAt: number, sink: Sink, record: readonly string[]) {
  await say(world, { type: 'roll-back', reason: 'slow', forced: false })
  await world.rollouts.execute(1, own(world, { type: 'record-restored', from: 0, steps: [], restoredAt }))
  const written = createWrittenRecord('app', { ...linesOf(world), record: async () => record }, sink)
  expect(await project(world, written, 1)).toBe('done')
}

test('a fuller copy stays when Redis has come back older, and the same is written once', async () => {
  const folder = await mkdtemp(join(dir, 'older-'))
  const sink = createDirectorySink(folder, () => 'id')
  const kept = async (restoredAt: number, record: readonly string[]) => {
    const world = createFakeWorld()
    await startRelease(world)
    await writeRolledBack(world, restoredAt, sink, record)
    const contents = (await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8'))
    return (await Promise.all(contents)).map((content) => content.split('\n').length)
  }
  const [first = 0] = await kept(1, ['one', 'two'])
  expect(await kept(1, ['one', 'two'])).toEqual([first])
  // The record is poorer; then the ledger has gone another way.
  expect((await kept(1, ['one'])).toSorted()).toEqual([first - 1, first])
  expect((await kept(2, ['one'])).toSorted()).toEqual([first - 1, first - 1, first])
})

test('the record of a rollout is written when it is over, again when more follows, and tried again after a failure', async () => {
  const world = createFakeWorld()
  await startRelease(world)
  const files: { name: string; content: string }[] = []
  let away = true
  const lines = linesOf(world)
  const sink = {
    async write(name: string, content: string) {
      if (away) throw new Error('away')
      files.push({ name, content })
    },
  }
  const written = createWrittenRecord('app', lines, sink)
  expect(await project(world, written, 1)).toBe('done')
  await say(world, { type: 'roll-back', reason: 'slow', forced: false })
  await world.rollouts.execute(1, own(world, { type: 'record-restored', from: 0, steps: [], restoredAt: world.time }))
  await expect(project(world, written, 1)).rejects.toThrow('away')
  away = false
  expect(await project(world, written, 1)).toBe('done')
  expect(await project(world, written, 1)).toBe('done')
  const { startedAt } = await stateOf(world)
  const events = await eventsOf(world)
  const hash = (content = '') => createHash('sha256').update(content).digest('hex').slice(0, 12)
  expect(files.map(({ name }) => name)).toEqual([`app-1-${events.length}-${hash(files[0]?.content)}.jsonl`])
  expect(files[0]?.content.trimEnd().split('\n')).toEqual([
    ...(await lines.ledger(1)),
    `since ${startedAt - 86_400_000}`,
  ])
  expect(events.at(-1)).toBe('weights-restored')
  await world.rollouts.execute(1, own(world, { type: 'record-cleaned-up', track: 'green' }))
  expect(await project(world, written, 1)).toBe('done')
  expect(files).toHaveLength(2)
})

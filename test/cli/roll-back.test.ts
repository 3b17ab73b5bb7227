import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { rollBackByHand, rolledBackText } from '../../src/cli/roll-back.ts'
import { SlipwayError } from '../../src/errors.ts'
import { type Answering, startAnswering } from '../outside/answering.ts'

const done = {
  namespace: 'shop',
  what: 'VirtualService shop',
  service: 'shop',
  rollout: 7,
  stable: 'blue',
  canary: 'green',
  to: 0,
  steps: [{ name: 'write', ms: 12.4 }],
} as const
const point = { phase: 2, weight: 20, what: 'the migration of the orders' }

test.each([
  [20, 'This is past the point of no return: the traffic is back, but the migration of the orders is not undone.'],
  [
    5,
    'If phase 2 (20 %) had started, the point of no return is passed, and the migration of the orders is not undone.',
  ],
  [0, 'If phase 2 (20 %) had started,'],
])('a terminal that takes %i % back is told of the point of no return that the mark knows', (from, said) => {
  const [first, second] = rolledBackText({ ...done, from, pointOfNoReturn: point }).split('\n')
  expect(first).toBe(
    `Rolled back. All traffic of shop is on stable (blue), read back; the canary had ${from} %. write 12 ms.`,
  )
  expect(second).toContain(said)
})

test('and of none where there is none', () => {
  expect(rolledBackText({ ...done, from: 100 })).not.toContain('no return')
})

describe('a terminal whose rollback is not done is told what its person can do', () => {
  const closing: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    vi.unstubAllEnvs()
    for (const close of closing.splice(0)) await close()
  })

  /** Time passes in pauses only. */
  function clockOfPauses() {
    let time = 0
    return {
      now: () => time,
      async wait(ms: number) {
        time += ms
      },
    }
  }

  async function folder(): Promise<string> {
    const made = await mkdtemp(join(tmpdir(), 'slipway-by-hand-'))
    closing.push(() => rm(made, { recursive: true }))
    return made
  }

  async function kubeconfigOf(server: string, user: object = {}): Promise<string> {
    const file = join(await folder(), 'kubeconfig')
    const content = {
      clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'shop' } }],
      'current-context': 'x',
    }
    await writeFile(file, JSON.stringify(content))
    return file
  }

  async function apiServer(answer: Answering): Promise<string> {
    const server = await startAnswering(answer)
    closing.push(server.close)
    return server.url
  }

  /** What the terminal prints. */
  async function told(options: { readonly kubeconfig?: string; readonly service?: string }): Promise<string> {
    const clock = clockOfPauses()
    const error = await rollBackByHand({ forced: true, clock, ...options }).catch((thrown: unknown) => thrown)
    if (!(error instanceof SlipwayError)) throw error
    const text = `${error.message}\n${error.todo}`
    expect(text).not.toMatch(/goes on trying|slipway-rbac|in the configuration|the log/i)
    return text
  }

  const rights =
    'Your own account must be allowed to list, get and patch the route there: log in again, or name another kubeconfig with --kubeconfig.'

  test('without a kubeconfig, at once', async () => {
    vi.stubEnv('KUBECONFIG', undefined)
    vi.stubEnv('HOME', await folder())
    expect(await told({})).toBe(
      "The kubeconfig of this machine can't be read, or names no cluster.\nName an existing one with KUBECONFIG, or with --kubeconfig for break-glass.",
    )
  })

  test('with a kubeconfig whose context names no cluster', async () => {
    const kubeconfig = join(await folder(), 'kubeconfig')
    await writeFile(kubeconfig, JSON.stringify({ 'current-context': 'x' }))
    expect(await told({ kubeconfig })).toContain(`${kubeconfig} can't be read, or names no cluster.`)
  })

  test('by an API server that is not there', async () => {
    const server = await startAnswering(() => null)
    await server.close()
    const text = await told({ kubeconfig: await kubeconfigOf(server.url) })
    expect(text).toMatch(
      /^The Kubernetes API server did not answer \(VirtualServices in shop\)\. Given up after 24 s \(.*ECONNREFUSED.*\): nothing goes on by itself\.\n/,
    )
    expect(text).toContain('the `kubectl` line on the card')
  })

  test('by a log-in program that is not there', async () => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: '/none/log-in', interactiveMode: 'Never' }
    const url = await apiServer(() => ({ status: 200, body: { items: [] } }))
    expect(await told({ kubeconfig: await kubeconfigOf(url, { exec }) })).toMatch(
      /Given up after 24 s \(spawn \/none\/log-in ENOENT\)/,
    )
  })

  test('by an API server that stumbles', async () => {
    const url = await apiServer(() => ({ status: 500, body: { message: 'etcd is away' } }))
    expect(await told({ kubeconfig: await kubeconfigOf(url) })).toMatch(
      /^The API server refused .* \(status 500\)\. Given up after 24 s/,
    )
  })

  test.each([
    [401, 'VirtualServices in shop: the token is not valid'],
    [403, 'VirtualServices in shop'],
  ])('by an API server that answers %i', async (status, what) => {
    const url = await apiServer(() => ({ status, body: {} }))
    expect(await told({ kubeconfig: await kubeconfigOf(url) })).toBe(
      `The API server refused: forbidden (${what}).\n${rights}`,
    )
  })

  test.each([
    [{}, 'A route marked by Slipway'],
    [{ service: 'carts' }, 'A route marked for carts'],
  ])('in a namespace without the route (%j)', async (named, whose) => {
    const url = await apiServer(() => ({ status: 200, body: { items: [] } }))
    expect(await told({ kubeconfig: await kubeconfigOf(url), ...named })).toBe(
      `${whose} in namespace shop does not exist.\nName the namespace with --namespace, and the service with --service as in its configuration.`,
    )
  })
})

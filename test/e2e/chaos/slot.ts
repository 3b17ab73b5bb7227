import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Child, type Exit, startChild } from '../../../src/sandbox/child.ts'
import { freePort } from '../../../src/sandbox/free-port.ts'
import type { Keeper } from '../../../src/sandbox/keeper.ts'
import { slipwayMain } from '../../../src/sandbox/slipway-process.ts'
import { answers, until } from '../../../src/sandbox/until.ts'
import type { Links } from './links.ts'

/** The place of one Slipway process: it is killed and started again, its addresses and its log stay. */
export interface Slot {
  readonly name: string
  readonly links: Links
  /** Starts it where it is not running; does not wait until it is ready. */
  start(): Promise<void>
  /** Is false when it was not running. */
  kill(): Promise<boolean>
  /** Holds the process still, or lets it go on. */
  freeze(): void
  thaw(): void
  /** @throws Error when it is not ready within `limit` ms. */
  ready(limit: number): Promise<void>
  /** How it ended when nobody killed it, each time. */
  readonly crashes: readonly Exit[]
  /** What it has printed so far. */
  log(): Promise<string>
  stop(): Promise<void>
}

export async function createSlot(options: {
  readonly name: string
  readonly dir: string
  readonly config: string
  readonly links: Links
  readonly keeper: Keeper
}): Promise<Slot> {
  const { name, dir, config, links, keeper } = options
  const log = join(dir, `slipway-${name}.log`)
  const port = await freePort()
  const crashes: Exit[] = []
  let child: Child | null = null

  return {
    name,
    links,
    crashes,
    async start() {
      if (child !== null) return
      const started = await startChild(
        {
          command: process.execPath,
          args: [slipwayMain, 'start', '--config', config],
          env: { ...links.env, SLIPWAY_HTTP_PORT: String(port) },
          log,
          ready: async () => true,
          limit: 1_000,
        },
        keeper,
      )
      child = started
      void started.exited.then((exit) => {
        // Whoever kills it takes it out of its place first.
        if (child !== started) return
        child = null
        crashes.push(exit)
      })
    },
    async kill() {
      const running = child
      if (running === null) return false
      child = null
      running.kill('SIGKILL')
      await running.exited
      return true
    },
    freeze: () => child?.kill('SIGSTOP'),
    thaw: () => child?.kill('SIGCONT'),
    async ready(limit) {
      if (await until(() => answers(`http://127.0.0.1:${port}/readyz`), limit, 100)) return
      const ready = await fetch(`http://127.0.0.1:${port}/readyz`).then((it) => it.text(), String)
      const end = (await readFile(log, 'utf8')).trimEnd().split('\n').slice(-5)
      throw new Error(`Slipway ${name} was not ready within ${limit / 1_000} s: ${ready}\n${end.join('\n')}`)
    },
    log: () => readFile(log, 'utf8').catch(() => ''),
    async stop() {
      const running = child
      child = null
      running?.kill('SIGCONT')
      await running?.stop()
    },
  }
}

import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { SlipwayError } from '../errors.ts'
import type { Keeper } from './keeper.ts'
import { until } from './until.ts'

/** How a process ended: its exit code, or the signal that ended it. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A process that runs. */
export interface Child {
  readonly pid: number
  readonly exited: Promise<Exit>
  kill(signal: NodeJS.Signals): void
  /** Asks it to end, insists after 5 s, and returns when it is gone. */
  stop(): Promise<void>
}

export interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Gets everything it prints. */
  readonly log: string
  /** True once it can be used. */
  readonly ready: () => Promise<true | undefined>
  /** How long that may take, in ms. */
  readonly limit: number
}

/** Just enough of this process's environment for a program to run: what else is set here is no business of the sandbox. */
const inherited = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TMPDIR', 'TZ']
  .map((name) => [name, process.env[name]] as const)
  .filter((entry): entry is [string, string] => entry[1] !== undefined)

/**
 * Starts a program in a process group of its own (a Ctrl-C in the terminal is not for it) and waits until it is ready.
 * @throws SlipwayError `sandbox-program-missing`, or `sandbox-start-failed` with the end of what it printed.
 */
export async function startChild(program: Program, keeper: Keeper): Promise<Child> {
  const name = basename(program.command)
  const output = openSync(program.log, 'a')
  const spawned = spawn(program.command, program.args, {
    detached: true,
    env: { ...Object.fromEntries(inherited), ...program.env },
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  if (spawned.pid !== undefined) keeper.started(spawned.pid)
  const exited = new Promise<Exit>((resolve) => spawned.once('exit', (code, signal) => resolve({ code, signal })))
  const pid = await new Promise<number>((resolve, reject) => {
    spawned.once('spawn', () => resolve(spawned.pid ?? 0))
    spawned.once('error', (cause) => reject(new SlipwayError('sandbox-program-missing', { name }, { cause })))
  })
  let gone: Exit | undefined
  const ended = exited.then((exit) => {
    gone = exit
    keeper.ended(pid)
  })

  const child: Child = {
    pid,
    exited,
    kill: (signal) => void spawned.kill(signal),
    async stop() {
      if (gone) return
      spawned.kill('SIGTERM')
      const insist = setTimeout(() => spawned.kill('SIGKILL'), 5_000)
      await ended
      clearTimeout(insist)
    },
  }
  const ready = await until(() => (gone ? false : program.ready()), program.limit)
  if (ready && !gone) return child
  await child.stop()
  const { code } = await exited
  throw new SlipwayError('sandbox-start-failed', { name, output: await endOf(program.log), code })
}

async function endOf(file: string): Promise<string> {
  const lines = (await readFile(file, 'utf8')).trim().split('\n')
  return lines.slice(-12).join('\n')
}

/** Starts something on a free port, and again on another one where somebody was faster. */
export async function onFreePort<T>(freePort: () => Promise<number>, start: (port: number) => Promise<T>): Promise<T> {
  for (let left = 2; ; left--) {
    try {
      return await start(await freePort())
    } catch (error) {
      const inUse = error instanceof SlipwayError && /address already in use|EADDRINUSE/i.test(error.message)
      if (!inUse || left === 0) throw error
    }
  }
}

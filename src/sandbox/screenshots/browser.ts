import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { startChild } from '../child.ts'
import { makeDirectory } from '../directory.ts'
import { startKeeper } from '../keeper.ts'
import { Teardown } from '../teardown.ts'
import { DevTools } from './dev-tools.ts'

/** A headless Chromium with a profile of its own. */
export interface Browser {
  /** Opens an empty tab. */
  newTab(): Promise<DevTools>
  /** Ends it and removes its profile. */
  stop(): Promise<void>
}

/** @throws SlipwayError `sandbox-program-missing` or `sandbox-start-failed`. */
export async function startBrowser(): Promise<Browser> {
  const dir = await makeDirectory(undefined)
  const keeper = startKeeper(dir)
  const teardown = new Teardown()
  teardown.add(() => keeper.finish())
  // Chromium writes its port and its own address here once it listens.
  const portFile = join(dir, 'DevToolsActivePort')
  const port = async () => (await readFile(portFile, 'utf8').catch(() => '')).split('\n')[0] || undefined
  try {
    const child = await startChild(
      {
        command: 'chromium',
        args: [
          '--headless=new',
          '--remote-debugging-port=0',
          `--user-data-dir=${dir}`,
          '--hide-scrollbars',
          '--disable-gpu',
          // Chromium refuses its own sandbox to root; it shows nothing here but a page of this machine.
          ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
          'about:blank',
        ],
        // Its graphics and fonts caches go where it is removed again.
        env: { HOME: dir },
        log: join(dir, 'chromium.log'),
        ready: async () => ((await port()) === undefined ? undefined : true),
        limit: 30_000,
      },
      keeper,
    )
    teardown.add(() => child.stop())
  } catch (error) {
    await teardown.run()
    throw error
  }
  const url = `http://127.0.0.1:${await port()}`
  return {
    async newTab() {
      const response = await fetch(`${url}/json/new`, { method: 'PUT', signal: AbortSignal.timeout(10_000) })
      const { webSocketDebuggerUrl } = z.object({ webSocketDebuggerUrl: z.string() }).parse(await response.json())
      return DevTools.connect(webSocketDebuggerUrl)
    },
    stop: () => teardown.run(),
  }
}

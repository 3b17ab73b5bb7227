import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { SlipwayError } from '../../errors.ts'
import { startWorld } from '../world.ts'
import { type Browser, startBrowser } from './browser.ts'
import { fileOf, windows } from './pictures.ts'
import { takePicture } from './slack-page.ts'
import { type Story, stories } from './stories.ts'

const directory = fileURLToPath(new URL('../../../docs/pictures', import.meta.url))
const run = promisify(execFile)

try {
  const browser = await startBrowser()
  await Promise.all(stories.map((story) => show(story, browser)))
  await browser.stop()
  // After a whole world a process now and then goes on busily with nothing left to do.
  process.exit(0)
} catch (error) {
  console.error(error instanceof SlipwayError ? `${error.message}\n${error.todo}` : error)
  // What still runs ends with this process.
  process.exit(1)
}

/** Plays a story in a world of its own and takes a picture of each of its moments in every window. */
async function show({ speed, play }: Story, browser: Browser): Promise<void> {
  const world = await startWorld({ speed })
  for await (const { scene, view } of play(world)) {
    for (const window of windows) {
      const name = fileOf(scene, window)
      const file = join(directory, name)
      await writeFile(file, await takePicture(browser, world.urls.slack, view, window))
      // Text has few colours: a third of the size, and nobody sees it.
      await run('pngquant', ['--force', '--strip', '--speed', '1', '--output', file, '48', '--', file])
      console.log(`docs/pictures/${name}`)
    }
  }
  await world.stop()
}

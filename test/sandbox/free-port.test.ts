import { execFile } from 'node:child_process'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { freePort, keepPort } from '../../src/sandbox/free-port.ts'

const script = new URL('../../src/sandbox/free-port.ts', import.meta.url).href

/** Does another process get this port? */
async function elsewhere(port: number): Promise<boolean> {
  const program = `import { keepPort } from ${JSON.stringify(script)}; console.log(await keepPort(${port}))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
  return stdout.trim() === 'true'
}

test('a port that was given away is nobody else’s, though nobody listens on it yet', async () => {
  const port = await freePort()
  expect(await keepPort(port)).toBe(false)
  expect(await elsewhere(port)).toBe(false)
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(port, resolve))
  await new Promise((resolve) => server.close(resolve))
  expect(await elsewhere(port)).toBe(false)
})

test('what another process was given is free again when it has ended', async () => {
  const port = await freePort()
  const program = `import { freePort } from ${JSON.stringify(script)}; console.log(await freePort())`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
  const other = Number(stdout)
  expect(other).not.toBe(port)
  expect(await keepPort(other)).toBe(true)
})

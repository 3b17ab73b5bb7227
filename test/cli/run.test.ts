import { afterEach, expect, test, vi } from 'vitest'
import { help } from '../../src/cli/help.ts'
import { run } from '../../src/cli/run.ts'

const before = process.exitCode
afterEach(() => {
  process.exitCode = before
  vi.restoreAllMocks()
})

test.each([
  [['help'], 0],
  [['--help'], 0],
  [['-h'], 0],
  [['rollback', '-f', '--help'], 0],
  [[], 0],
  [['rolback'], 2],
])('%j prints what there is, and does nothing else', async (args, exit) => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const told = vi.spyOn(console, 'error').mockReturnValue()
  vi.spyOn(process, 'exit').mockImplementation((code) => {
    throw new Error(`exit ${code}`)
  })
  await run(args)
  expect(write.mock.calls).toEqual([[help]])
  expect(told).not.toHaveBeenCalled()
  expect(process.exitCode).toBe(exit)
})

import { userInfo } from 'node:os'
import { expect, test, vi } from 'vitest'
import { atTerminal } from '../../src/cli/terminal.ts'

vi.mock('node:os', async (original) => ({
  ...(await original<typeof import('node:os')>()),
  hostname: () => 'box',
  userInfo: vi.fn(() => ({ username: 'ann' })),
}))

test('who sits at a terminal is its user', () => {
  expect(atTerminal()).toBe('ann@box')
})

test('a user without a name, as in a container, is its number: nothing fails for want of a name', () => {
  vi.spyOn(process, 'getuid').mockReturnValue(12_345)
  vi.mocked(userInfo).mockImplementation(() => {
    throw new Error('uv_os_get_passwd returned ENOENT (no such file or directory)')
  })
  expect(atTerminal()).toBe('uid-12345@box')
})

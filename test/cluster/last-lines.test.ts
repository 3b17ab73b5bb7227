import { expect, it } from 'vitest'
import { lastLines } from '../../src/cluster/last-lines.ts'

const ended = { container: 'app', previous: true }
const linesOf = (log: string) =>
  lastLines({ readLog: async () => log }, { pod: 'shop-1', reason: 'Error', message: '', ended })

it('are told without secrets, and whole', async () => {
  const log = 'connecting\n{"authorization":"Token x","host":"db"}\npassword=x\n\nno such table'
  expect(await linesOf(log)).toEqual([
    'connecting',
    '{"authorization":[secret],"host":"db"}',
    'password=[secret]',
    'no such table',
  ])
})

it('are ten at most, each cut where it is long', async () => {
  const lines = await linesOf(Array.from({ length: 12 }, (_, index) => `${index} ${'long '.repeat(60)}`).join('\n'))
  expect(lines).toHaveLength(10)
  expect(lines[0]).toBe(`2 ${'long '.repeat(39)}lo…`)
})

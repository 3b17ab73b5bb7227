import { expect, test } from 'vitest'
import { fewAtOnce } from '../../src/readiness/few-at-once.ts'

test('so much runs at a time, in order, and everything gets its answer', async () => {
  const gate = fewAtOnce(2)
  const begun: number[] = []
  const ends = Array.from({ length: 4 }, () => Promise.withResolvers<string>())
  const done = ends.map(({ promise }, index) =>
    gate(() => {
      begun.push(index)
      return promise
    }),
  )
  await Promise.resolve()
  expect(begun).toEqual([0, 1])
  ends[1]?.resolve('b')
  expect(await done[1]).toBe('b')
  await expect.poll(() => begun).toEqual([0, 1, 2])
  ends[0]?.resolve('a')
  ends[2]?.resolve('c')
  ends[3]?.resolve('d')
  expect(await Promise.all(done)).toEqual(['a', 'b', 'c', 'd'])
})

test('what fails makes room, and later comers wait for nobody', async () => {
  const gate = fewAtOnce(1)
  const failed = gate(() => Promise.reject(new Error('no')))
  const after = gate(async () => 'yes')
  await expect(failed).rejects.toThrow('no')
  expect(await after).toBe('yes')
  expect(await gate(async () => 'again')).toBe('again')
})

import { expect, test } from 'vitest'
import { watchReadiness } from '../../src/cli/watch-readiness.ts'
import { SlipwayError } from '../../src/errors.ts'
import type { TerminalAnswer } from '../../src/ledger/answers.ts'
import { sampleFinding, sampleReport } from '../readiness/sample-report.ts'

const answer = (result: 'pass' | 'block', found = 'something'): TerminalAnswer => {
  const report = sampleReport('5.1.0', 9_000_000, [sampleFinding('A backup is there', result, { found })])
  return { text: '', refused: false, report }
}

/** What is printed while the answers come one after the other. */
async function watch(
  answers: readonly (TerminalAnswer | SlipwayError)[],
  json = false,
  asked: (string | undefined)[] = [],
): Promise<readonly string[]> {
  const printed: string[] = []
  const left = [...answers]
  await watchReadiness({
    json,
    async ask(seen) {
      asked.push(seen)
      const next = left.shift()
      if (next === undefined) throw new Error('asked too often')
      if (next instanceof SlipwayError) throw next
      return next
    },
    print: (line) => void printed.push(line),
    pause: async () => left.length > 0,
  })
  return printed
}

test('the first report is told whole, and then only what has changed', async () => {
  const printed = await watch([
    answer('pass'),
    answer('pass', 'an hour old'),
    answer('block'),
    answer('block'),
    answer('pass'),
  ])
  expect(printed[0]).toMatch(/^claude-enhancer 5\.1\.0: ready/)
  expect(printed.slice(1)).toEqual([
    expect.stringMatching(
      /5\.1\.0: NOT READY\nBLOCKS {2}A backup is there \(a-backup-is-there\)\n.*found.*\n.*Mend it\./,
    ),
    expect.stringMatching(/5\.1\.0: ready\npasses {2}A backup is there/),
  ])
})

test('an absence is told once, and what has changed over it all the same', async () => {
  const nobody = new SlipwayError('nobody-took', { service: 'shop' })
  const printed = await watch([answer('pass'), nobody, nobody, answer('block')])
  expect(printed).toHaveLength(3)
  expect(printed[1]).toMatch(/No Slipway of shop/)
  expect(printed[2]).toMatch(/NOT READY/)
})

test('for machines it is one JSON a line', async () => {
  const printed = await watch([answer('pass'), answer('block')], true)
  const [first, second] = printed.map((line): unknown => JSON.parse(line))
  expect(first).toMatchObject({ reportVersion: 1, judgement: 'ready' })
  expect(second).toMatchObject({ judgement: 'not-ready', changes: [{ was: 'pass', now: 'block' }] })
})

test('what is not understood ends it', async () => {
  await expect(watch([new SlipwayError('usage', { what: 'no' })])).rejects.toMatchObject({ code: 'usage' })
})

test('Slipway is told what was seen, so that only what changes is on record there', async () => {
  const asked: (string | undefined)[] = []
  await watch([answer('pass'), answer('pass', 'an hour old'), answer('block'), answer('block')], false, asked)
  const [first, second, third, fourth] = asked
  expect(first).toBeUndefined()
  expect(second).toMatch(/^[0-9a-f]{64}$/)
  expect(third).toBe(second)
  expect(fourth).not.toBe(second)
})

import { describe, expect, test } from 'vitest'
import { readiness, readinessAsk } from '../../src/cli/readiness.ts'
import { SlipwayError } from '../../src/errors.ts'
import { type Finding, reportSchema } from '../../src/readiness/report.ts'
import { ask } from '../../src/slack/ask.ts'
import { sampleFinding, sampleReport } from '../readiness/sample-report.ts'

const pass = sampleFinding('Stable is ready', 'pass')
const warn = sampleFinding('Images are pinned', 'warn', { category: 'security', found: 'web:latest' })
const block = sampleFinding('A backup is there', 'block', { category: 'data', details: ['by Job backup: a week ago'] })

const run = (findings: readonly Finding[], { json = false, strict = false } = {}) => {
  const report = sampleReport('5.1.0', 9_000_000, findings)
  return readiness({ json, strict, ask: async () => ({ text: report.judgement, refused: false, report }) })
}

describe('the exit code', () => {
  test.each([
    ['ready', [pass], 0, 0],
    ['ready with warnings', [pass, warn], 0, 1],
    ['not ready', [pass, warn, block], 2, 2],
  ] as const)('of %s', async (_, findings, exit, strictExit) => {
    expect((await run(findings)).exit).toBe(exit)
    expect((await run(findings, { strict: true })).exit).toBe(strictExit)
  })

  test.each(['nobody-took', 'no-answer-yet'] as const)('is 3 where there is no report: %s', async (code) => {
    const ask = () => Promise.reject(new SlipwayError(code, { service: 'shop' }))
    const { lines, failed, exit } = await readiness({ json: true, strict: false, ask })
    expect({ lines, exit }).toEqual({ lines: [], exit: 3 })
    expect(failed.join(' ')).toContain('shop')
  })

  test('is 3 for a refusal, with its words', async () => {
    const ask = async () => ({ text: 'It came too late.', refused: true })
    const told = await readiness({ json: false, strict: false, ask })
    expect(told).toEqual({ lines: [], failed: ['It came too late.'], exit: 3 })
  })
})

test('for people: what blocks first, with what was found and what to do, then warnings, passes a line a category', async () => {
  const { lines } = await run([pass, warn, block])
  const text = lines.join('\n')
  expect(lines[0]).toBe('claude-enhancer 5.1.0: NOT READY')
  expect(text).toMatch(
    /BLOCKS {2}A backup is there[\s\S]*by Job backup[\s\S]*warns {3}Images are pinned[\s\S]*passes {2}Application/,
  )
  for (const said of ['looked at  the world', 'found      web:latest', 'expected   as it', 'to do      Mend it.'])
    expect(text).toContain(said)
  expect(text).not.toContain('A start is possible')
  expect((await run([pass])).lines.join('\n')).toContain('A start is possible until 1970-01-01T02:30:00.000Z')
})

test('for machines: the report alone, as its schema says', async () => {
  const { lines } = await run([pass, block], { json: true })
  expect(reportSchema.parse(JSON.parse(lines.join('\n'))).judgement).toBe('not-ready')
})

describe('what is asked', () => {
  test('is the version, with the categories that are wanted, each once', () => {
    expect(ask.parse(readinessAsk(['5.1.0']))).toEqual({ kind: 'readiness', version: '5.1.0' })
    const some = readinessAsk(['5.1.0'], ['data,team', 'data'])
    expect(ask.parse(some)).toEqual({ kind: 'readiness', version: '5.1.0', categories: ['data', 'team'] })
  })

  test.each([
    [['five', 'one'], [], /a version is a tag/],
    [['5.1.0'], ['network'], /a category is one of infrastructure, application/],
    [['5.1.0'], [''], /a category is one of/],
  ])('%j %j is not understood', (words, categories, why) => {
    expect(ask.safeParse(readinessAsk(words, categories)).error?.issues[0]?.message).toMatch(why)
  })

  test('without a version is not understood', () => {
    expect(() => readinessAsk([])).toThrow(/The version is missing/)
  })
})

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { Reporter, TestCase, TestModule } from 'vitest/node'
import { z } from 'zod'
import { type Counts, summary } from './summary.ts'

const kept: z.ZodType<Counts> = z.object({
  passed: z.number(),
  failed: z.number(),
  left: z.array(z.object({ test: z.string(), reason: z.string() })),
})

/**
 * Keeps the counts and the reasons why tests were skipped, which vitest's own JSON report leaves out, for `script/test`. Its
 * stages run one after the other; each adds to what the ones before have left beside the summary.
 */
export default class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const file = process.env.SLIPWAY_TEST_SUMMARY
    if (file === undefined) throw new Error('SLIPWAY_TEST_SUMMARY is not set: this reporter belongs to script/test')
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: 'passed' | 'failed') => tests.filter((test) => test.result().state === state).length
    // A file that could not be loaded has no tests that could fail.
    const broken = modules.filter((module) => module.state() === 'failed' && module.children.size === 0).length
    const skipped = tests.filter((test) => !['passed', 'failed'].includes(test.result().state))
    const before = soFar(`${file}.json`)
    const counts = {
      passed: before.passed + count('passed'),
      failed: before.failed + count('failed') + broken,
      left: [...before.left, ...skipped.map(left)],
    }
    writeFileSync(`${file}.json`, JSON.stringify(counts))
    writeFileSync(file, `${summary(counts, process.env)}\n`)
  }
}

function soFar(file: string): Counts {
  return existsSync(file) ? kept.parse(JSON.parse(readFileSync(file, 'utf8'))) : { passed: 0, failed: 0, left: [] }
}

function left(test: TestCase) {
  const result = test.result()
  const reason = result.state === 'skipped' ? (result.note ?? '') : 'the run ended before it'
  return { test: `${relative(process.cwd(), test.module.moduleId)}: ${test.fullName}`, reason }
}

import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { Reporter, TestCase, TestModule } from 'vitest/node'
import { summary } from './summary.ts'

/** Keeps the reasons why tests were skipped, which vitest's own JSON report leaves out, for `script/test`. */
export default class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const file = process.env.SLIPWAY_TEST_SUMMARY
    if (file === undefined) throw new Error('SLIPWAY_TEST_SUMMARY is not set: this reporter belongs to script/test')
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: 'passed' | 'failed') => tests.filter((test) => test.result().state === state).length
    // A file that could not be loaded has no tests that could fail.
    const broken = modules.filter((module) => module.state() === 'failed' && module.children.size === 0).length
    const skipped = tests.filter((test) => !['passed', 'failed'].includes(test.result().state))
    const counts = { passed: count('passed'), failed: count('failed') + broken, left: skipped.map(left) }
    writeFileSync(file, `${summary(counts, process.env)}\n`)
  }
}

function left(test: TestCase) {
  const result = test.result()
  const reason = result.state === 'skipped' ? (result.note ?? '') : 'the run ended before it'
  return { test: `${relative(process.cwd(), test.module.moduleId)}: ${test.fullName}`, reason }
}

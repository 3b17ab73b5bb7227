import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { Reporter, TestCase, TestModule } from 'vitest/node'
import { z } from 'zod'
import { type Counts, type Failure, summary } from './summary.ts'

const kept: z.ZodType<Counts> = z.object({
  passed: z.number(),
  failures: z.array(z.object({ test: z.string(), error: z.string() })),
  left: z.array(z.object({ test: z.string(), reason: z.string() })),
})

/**
 * Keeps the counts, what failed, and the reasons why tests were skipped, which vitest's own JSON report leaves out, for `script/test`. Its
 * stages run one after the other; each adds to what the ones before have left beside the summary.
 */
export default class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const file = process.env.SLIPWAY_TEST_SUMMARY
    if (file === undefined) throw new Error('SLIPWAY_TEST_SUMMARY is not set: this reporter belongs to script/test')
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const passed = tests.filter((test) => test.result().state === 'passed').length
    const failures = tests.filter((test) => test.result().state === 'failed').map(failure)
    // A file that could not be loaded, or whose hooks failed, has no test that could.
    const broken = modules.filter(
      (module) => module.state() === 'failed' && ![...module.children.allTests('failed')].length,
    )
    const skipped = tests.filter((test) => !['passed', 'failed'].includes(test.result().state))
    const before = soFar(`${file}.json`)
    const counts = {
      passed: before.passed + passed,
      failures: [...before.failures, ...failures, ...broken.map(brokenFile)],
      left: [...before.left, ...skipped.map(left)],
    }
    writeFileSync(`${file}.json`, JSON.stringify(counts))
    writeFileSync(file, `${summary(counts, process.env)}\n`)
  }
}

function soFar(file: string): Counts {
  return existsSync(file) ? kept.parse(JSON.parse(readFileSync(file, 'utf8'))) : { passed: 0, failures: [], left: [] }
}

function failure(test: TestCase): Failure {
  return { test: nameOf(test), error: firstLine(test.result().errors) }
}

function brokenFile(module: TestModule): Failure {
  const inside = [...module.children.allSuites()].flatMap((suite) => suite.errors())
  return { test: relative(process.cwd(), module.moduleId), error: firstLine([...module.errors(), ...inside]) }
}

function firstLine(errors: readonly { readonly message: string }[] | undefined): string {
  return errors?.[0]?.message.split('\n')[0] ?? 'no error given'
}

function nameOf(test: TestCase): string {
  return `${relative(process.cwd(), test.module.moduleId)}: ${test.fullName}`
}

function left(test: TestCase) {
  const result = test.result()
  const reason = result.state === 'skipped' ? (result.note ?? '') : 'the run ended before it'
  return { test: nameOf(test), reason }
}

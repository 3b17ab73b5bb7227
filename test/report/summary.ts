/** One test that was not run. */
export interface Left {
  /** The file and the test's full name. */
  readonly test: string
  /** In the words of the test that skipped itself; empty where it gave none. */
  readonly reason: string
}

/** One test that failed. */
export interface Failure {
  /** The file and the test's full name. */
  readonly test: string
  /** The first line of its first error. */
  readonly error: string
}

/** What became of a run. */
export interface Counts {
  readonly passed: number
  /** Whole files that could not be loaded among them. */
  readonly failures: readonly Failure[]
  readonly left: readonly Left[]
}

type Variables = Readonly<Record<string, string | undefined>>

/** What needs more than this machine has by itself, and the variable that gives it. */
const conditions = [
  {
    variable: 'SLIPWAY_TEST_KUBECONFIG',
    test: 'the cluster contract on a real control plane',
    reason: 'SLIPWAY_TEST_KUBECONFIG is not set',
  },
  {
    variable: 'SLIPWAY_TEST_KUBECONFIG_LIMITED',
    test: 'the shipped Role on a real control plane',
    reason: 'SLIPWAY_TEST_KUBECONFIG_LIMITED is not set',
  },
  {
    variable: 'SLIPWAY_TEST_LONG',
    test: 'the end-to-end tests of test/e2e/long, and 180 of 200 chaos runs',
    reason: '--long was not given (SLIPWAY_TEST_LONG)',
  },
] as const

/**
 * The end of a test run in words: what failed, what was not run and why, then the counts as the last line. Whatever the environment rules out
 * counts as not run even when no test says so; a skipped test that names the variable as its reason stands for it, and those that have it in
 * their names are one line.
 */
export function summary({ passed, failures, left }: Counts, variables: Variables): string {
  const unmet = conditions
    .filter(({ variable }) => !variables[variable] && !left.some(({ reason }) => mentions(reason, variable)))
    .map((one) => ({ ...one, of: left.filter(({ test, reason }) => reason === '' && mentions(test, one.variable)) }))
  const ruledOut = new Set(unmet.flatMap(({ of }) => of))
  const all: readonly Left[] = [
    ...left.filter((one) => !ruledOut.has(one)),
    ...unmet.map(({ test, reason, of }) => ({
      test: of.length === 0 ? test : `${test} (${of.length} tests)`,
      reason,
    })),
  ]
  const lines = all.map(({ test, reason }) => `  ${test}: ${reason === '' ? 'skipped, without a reason' : reason}`)
  const failed = failures.map(({ test, error }) => `  ${test}: ${error}`)
  return [
    ...(failed.length > 0 ? [`DID NOT PASS: ${failed.length}`, ...failed] : []),
    `NOT RUN: ${all.length}`,
    ...lines,
    `${passed} passed, ${failures.length} failed, ${left.length} skipped`,
  ].join('\n')
}

/** One variable's name may be the beginning of another's. */
function mentions(reason: string, variable: string): boolean {
  return reason.split(/\W+/).includes(variable)
}

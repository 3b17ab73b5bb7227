import { describe, expect, it } from 'vitest'
import { summary } from './summary.ts'

const both = { SLIPWAY_TEST_KUBECONFIG: '/a', SLIPWAY_TEST_KUBECONFIG_LIMITED: '/b', SLIPWAY_TEST_LONG: '1' }

describe('the summary of a test run', () => {
  it('is short when all was run', () => {
    expect(summary({ passed: 7, failures: [], left: [] }, both)).toBe('NOT RUN: 0\n7 passed, 0 failed, 0 skipped')
  })

  it('names what failed, and every skipped test with its reason, and says when there is none', () => {
    const left = [
      { test: 'a.test.ts: one', reason: 'no redis-server here' },
      { test: 'a.test.ts: two', reason: '' },
    ]
    expect(
      summary({ passed: 5, failures: [{ test: 'b.test.ts: three', error: 'expected 1 to be 2' }], left }, both).split(
        '\n',
      ),
    ).toEqual([
      'DID NOT PASS: 1',
      '  b.test.ts: three: expected 1 to be 2',
      'NOT RUN: 2',
      '  a.test.ts: one: no redis-server here',
      '  a.test.ts: two: skipped, without a reason',
      '5 passed, 1 failed, 2 skipped',
    ])
  })

  it('counts what the environment rules out although no test was skipped for it', () => {
    const [first, ...rest] = summary({ passed: 5, failures: [], left: [] }, {}).split('\n')
    expect(first).toBe('NOT RUN: 3')
    expect(rest.at(-1)).toBe('5 passed, 0 failed, 0 skipped')
  })

  it('lets a skipped test that names the variable stand for it, and only for that variable', () => {
    const left = [{ test: 'role.test.ts: is enough', reason: 'needs SLIPWAY_TEST_KUBECONFIG_LIMITED' }]
    expect(summary({ passed: 5, failures: [], left }, { SLIPWAY_TEST_LONG: '1' }).split('\n')).toEqual([
      'NOT RUN: 2',
      '  role.test.ts: is enough: needs SLIPWAY_TEST_KUBECONFIG_LIMITED',
      '  the cluster contract on a real control plane: SLIPWAY_TEST_KUBECONFIG is not set',
      '5 passed, 0 failed, 1 skipped',
    ])
  })

  it('tells of the tests that have the variable in their names in one line', () => {
    const left = ['one', 'two'].map((name) => ({
      test: `c.test.ts: a plane (SLIPWAY_TEST_KUBECONFIG) > ${name}`,
      reason: '',
    }))
    expect(
      summary({ passed: 5, failures: [], left }, { ...both, SLIPWAY_TEST_KUBECONFIG: undefined }).split('\n'),
    ).toEqual([
      'NOT RUN: 1',
      '  the cluster contract on a real control plane (2 tests): SLIPWAY_TEST_KUBECONFIG is not set',
      '5 passed, 0 failed, 2 skipped',
    ])
  })

  it('takes an empty variable for one that is not set', () => {
    expect(summary({ passed: 1, failures: [], left: [] }, { ...both, SLIPWAY_TEST_KUBECONFIG: '' })).toMatch(
      /^NOT RUN: 1$/m,
    )
  })
})

import { beforeEach, describe, expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import type { Sample } from '../../src/jobs/ports.ts'
import { catalogue } from '../../src/readiness/catalogue.ts'
import { block, type Check, defineCheck, pass, warn } from '../../src/readiness/check.ts'
import { createReadiness } from '../../src/readiness/readiness.ts'
import { reportSchema } from '../../src/readiness/report.ts'
import { createExamined, type Examined } from './examine.ts'

let examined: Examined
beforeEach(() => {
  examined = createExamined()
})

/** A check of the test's own, and the report of it alone with these settings. */
async function reportOf(outcome: () => ReturnType<Check['run']>, settings: object = {}) {
  const check = defineCheck({
    category: 'team',
    name: 'example',
    title: 'An example',
    settings: {},
    looksAt: () => 'the example',
    expects: () => 'something good',
    run: outcome,
  })
  const { world, outside } = examined
  const checks = { example: check.schema.parse(settings) }
  const readiness = { ...world.config.readiness, timeout: 50, checks }
  const subject = { ...world, config: { ...world.config, readiness } }
  return createReadiness(subject, outside, [check])({ id: 'id', version: '5.1.0', image })
}

const image = 'registry.example.com/claude-enhancer:5.1.0'
const blocks = async () => block('something bad', 'Mend it.')
const warns = async () => warn('something odd', 'Look at it.')
const fails = async () => Promise.reject(new Error('secret 10.0.0.1'))

describe('a finding', () => {
  test('says what was looked at, found and expected, and how to mend it', async () => {
    const { findings } = await reportOf(blocks)
    expect(findings).toEqual([
      {
        category: 'team',
        check: 'example',
        title: 'An example',
        result: 'block',
        ran: true,
        looked: 'the example',
        found: 'something bad',
        expected: 'something good',
        mend: 'Mend it.',
        ms: 0,
      },
    ])
  })

  test('of a check that failed blocks, says so, and tells no foreign text', async () => {
    const { findings, judgement } = await reportOf(fails)
    expect(findings).toMatchObject([{ result: 'block', ran: false, looked: 'the example', expected: 'something good' }])
    expect(findings[0]?.found).toMatch(/^could not be checked/)
    expect(JSON.stringify(findings)).not.toContain('10.0.0.1')
    expect(judgement).toBe('not-ready')
  })

  test('of a check that hangs blocks after the time limit', async () => {
    const { findings } = await reportOf(() => new Promise(() => undefined))
    expect(findings).toMatchObject([
      { result: 'block', ran: false, found: expect.stringMatching(/no answer within 50 ms/) },
    ])
  })
})

describe('a source that did not answer', () => {
  const away = new SlipwayError('cluster-unreachable', { what: 'the list of pods' })

  test('is asked once more', async () => {
    let times = 0
    const { findings } = await reportOf(async () => (++times === 1 ? Promise.reject(away) : pass('good')))
    expect(findings).toMatchObject([{ result: 'pass', found: 'good' }])
  })

  test('twice is one that could not be checked, and one that said no is not asked again', async () => {
    const failures = [away, new SlipwayError('cluster-forbidden', { what: 'the list of pods' })]
    for (const [index, error] of failures.entries()) {
      let times = 0
      const { findings } = await reportOf(async () => {
        times += 1
        throw error
      })
      expect(findings).toMatchObject([{ result: 'block', ran: false }])
      expect(times).toBe(index === 0 ? 2 : 1)
    }
  })

  test('of a query is asked once more, too; a number that is missing stays missing', async () => {
    const { world } = examined
    const answers: Sample[] = [
      { missing: 'failed', detail: 'no answer' },
      { value: 61, at: world.time },
      { missing: 'empty', detail: 'no series' },
    ]
    world.metrics.query = async () => answers.shift() ?? { missing: 'failed', detail: 'asked too often' }
    expect((await examined.examine('agents-available')).result).toBe('pass')
    expect(await examined.examine('agents-available')).toMatchObject({ found: 'no number (empty: no series)' })
  })
})

describe('the judgement', () => {
  test.each([
    ['ready', async () => pass('good'), {}],
    ['ready-with-warnings', warns, {}],
    ['not-ready', blocks, {}],
    ['ready-with-warnings', blocks, { severity: 'warn' }],
    ['not-ready', fails, { severity: 'warn' }],
    ['ready-with-warnings', fails, { unknown: 'warn' }],
  ] as const)('is %s: %o with %o', async (judgement, outcome, settings) => {
    expect((await reportOf(outcome, settings)).judgement).toBe(judgement)
  })

  test('states its rules, with who signs for warnings', async () => {
    const { rules } = await reportOf(warns)
    expect(rules.join('\n')).toMatch(/ready with warnings: .*Deployment commander/)
  })

  test('leaves out what is off, and lists it', async () => {
    const { judgement, findings, off } = await reportOf(blocks, { severity: 'off' })
    expect({ judgement, findings, off }).toEqual({
      judgement: 'ready',
      findings: [],
      off: [{ check: 'example', why: 'switched off' }],
    })
  })
})

test('checks run side by side', async () => {
  const gate = Promise.withResolvers<void>()
  const [one, another] = catalogue
  if (one === undefined || another === undefined) throw new Error('no checks')
  const waits: Check = { ...one, run: () => gate.promise.then(() => pass('after the second')) }
  const opens: Check = {
    ...another,
    async run() {
      gate.resolve()
      return pass('before the first')
    },
  }
  const { findings } = await examined.report([waits, opens])
  expect(findings.map((f) => f.found)).toEqual(['after the second', 'before the first'])
})

test('names are there once', () => {
  const names = catalogue.map((c) => c.name)
  expect(names).toEqual([...new Set(names)])
})

test('progress is told after each check', async () => {
  const told: string[] = []
  const { world, outside } = examined
  const check = createReadiness(world, outside)
  await check({ id: 'id', version: '5.1.0', image, onProgress: (done, all) => told.push(`${done}/${all}`) })
  expect(told.at(-1)).toBe(`${told.length}/${told.length}`)
})

test('a category alone is checked alone', async () => {
  const { world, outside } = examined
  const request = { id: 'id', version: '5.1.0', image, categories: ['application'] } as const
  const { findings, categories } = await createReadiness(world, outside)(request)
  expect(categories).toEqual(['application'])
  expect(new Set(findings.map((f) => f.category))).toEqual(new Set(['application']))
})

test('while a rollout is under way, what only holds before one is left out', async () => {
  const { world, outside } = examined
  const { findings } = await createReadiness(world, outside)({ id: 'id', version: '5.1.0', image, underWay: true })
  const left = findings.map((f) => f.check)
  expect(left).toContain('stable-ready')
  expect(left).not.toContain('service-free')
})

test('the report is as its schema says', async () => {
  const report = await examined.report()
  expect(reportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report)
  expect(report.validUntil - report.at).toBe(examined.world.config.readiness.validFor)
})

test('a cluster that does not answer blocks every check that needs it, and none passes', async () => {
  examined.cluster.failing = 'all'
  const { findings, judgement } = await examined.report()
  expect(judgement).toBe('not-ready')
  const passed = findings.filter((f) => f.result === 'pass').map((f) => f.check)
  // These ask nothing of the cluster.
  expect(passed).toEqual([
    'redis-keeps',
    'service-free',
    'not-locked',
    'health',
    'image-named',
    'image-exists',
    'alerts',
    'dashboard',
    'agents-available',
    'agents-compatible',
    'workflows-succeeding',
    'workflows-stuck',
    'backup-recent',
    'restore-tested',
    'data-consistent',
    'certificates',
    'bot-scopes',
    'signers',
    'bot-in-channel',
    'on-call',
    'confluence',
  ])
})

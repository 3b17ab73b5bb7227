import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import { SlipwayError } from '../../src/errors.ts'
import { example, exampleWith } from './example.ts'
import { singleMistakes } from './single-mistakes.ts'

/** The mistakes of a text, line by line. */
function mistakesOf(text: string): readonly string[] {
  try {
    parseConfig(text, 'f.yaml')
    return []
  } catch (error) {
    if (!(error instanceof SlipwayError) || !('mistakes' in error.detail)) throw error
    expect(error.code).toBe('config-invalid')
    return error.detail.mistakes.split('\n')
  }
}

it('the example is valid', () => expect(mistakesOf(example)).toEqual([]))

describe('one mistake is one line with its place', () => {
  it.each(singleMistakes)('%j → %j', (part, replacement, expected) => {
    expect(mistakesOf(exampleWith(part, replacement))).toEqual([`f.yaml:${expected}`])
  })

  it('a query of scope stable uses $stable', () => {
    const text = exampleWith('scope: canary', 'scope: stable')
    expect(mistakesOf(text)).toEqual([
      'f.yaml:48:14: release.metrics[0].query of scope stable has no $stable, expected $stable in it',
      'f.yaml:48:14: release.metrics[0].query of scope stable has $canary, expected $stable, $window only',
    ])
  })
})

describe('a release that nothing rolls back', () => {
  const text = exampleWith('      limit: "> 1%"', '      target: "< 1%"')
  const comparison = text
    .replace('scope: canary', 'scope: compare')
    .replace('$canary', '$track')
    .replace('      target: "< 1%"', '      compare: { worse: higher, critical: false }')

  it.each([text, comparison, text.replace('      target: "< 1%"', '      target: "< 1%"\n      missing: hold')])(
    'is a mistake (%#)',
    (without) =>
      expect(mistakesOf(without)).toEqual([
        'f.yaml:43:5: release.metrics rolls nothing back, expected a limit; or a comparison with critical: true, missing: breach, or alertmanager',
      ]),
  )

  it.each([
    ['it only observes', text.replace('title: Shop', 'title: Shop\nmode: observe')],
    ['a phase has a limit', text.replace('soak: 5m', 'soak: 5m\n      metrics: { error-rate: { limit: "> 1%" } }')],
    ['a comparison is critical', comparison.replace('critical: false', 'critical: true')],
    ['a missing number does', text.replace('      target: "< 1%"', '      target: "< 1%"\n      missing: breach')],
    [
      'one reason of it does',
      text.replace('      target: "< 1%"', '      target: "< 1%"\n      missing: { empty: breach }'),
    ],
    [
      'an alert does',
      text.replace('title: Shop', 'title: Shop\nalertmanager: { alerts: [{ title: Errors, labels: { a: b } }] }'),
    ],
  ])('is none where %s', (_how, other) => expect(mistakesOf(other)).toEqual([]))
})

describe('whoever asks may not sign', () => {
  const closed = exampleWith('roles: [lead, ops]', 'roles: [lead, ops]\n      requesterMaySign: false')

  it.each([
    ['another holder of a role may ask', closed.replace('[U000OPS, U000LEAD]', '[U000OPS, U000LEAD, U000THIRD]')],
    ['every member may ask', closed.replace('title: Shop', 'title: Shop\npermissions: { advance: members }')],
    ['who may ask is known at run time', closed.replace('    title: Lead', '    title: Lead\n    groups: ["@leads"]')],
  ])('is possible where %s', (_how, text) => expect(mistakesOf(text)).toEqual([]))

  it('is not where the third one may not ask', () => {
    const third = closed.replace('[U000LEAD]', '[U000LEAD]\n  boss: { title: Boss, users: [U000BOSS] }')
    expect(mistakesOf(third.replace('title: Shop', 'title: Shop\npermissions: { advance: [lead, boss] }'))).toEqual([])
    expect(mistakesOf(third.replace('title: Shop', 'title: Shop\npermissions: { advance: [lead, ops] }'))).toEqual([
      expect.stringContaining('release.phases[1].requesterMaySign is false, expected somebody who may ask'),
    ])
  })
})

describe('several mistakes', () => {
  it('a subset is for an Istio VirtualService alone', () => {
    const text = exampleWith('    name: shop', '    name: shop\n    kind: http-route')
    expect(mistakesOf(text)).toEqual([
      'f.yaml:19:42: cluster.tracks.blue.destination.subset is for virtual-service, expected a Service of its own as host',
      'f.yaml:22:42: cluster.tracks.green.destination.subset is for virtual-service, expected a Service of its own as host',
    ])
    const services = text.replace('host: shop, subset: blue', 'host: a').replace('host: shop, subset: green', 'host: b')
    expect(mistakesOf(services)).toEqual([])
  })

  it('without a query for requests nothing can ask for a fewest number of them', () => {
    const text = exampleWith('  requestsQuery: sum(increase(requests_total{track="$track"}[$window]))\n', '')
    expect(mistakesOf(text)).toEqual([])
    expect(mistakesOf(text.replace('limit: "> 1%"', 'limit: "> 1%"\n      minRequests: 9'))).toEqual([
      'f.yaml:49:20: release.metrics[0].minRequests needs release.requestsQuery, expected it to count them',
    ])
    const inPhase = text.replace('soak: 5m', 'soak: 5m\n      metrics: { error-rate: { minRequests: 9 } }')
    expect(mistakesOf(inPhase)).toEqual([
      'f.yaml:40:45: release.phases[1].metrics.error-rate.minRequests needs release.requestsQuery, expected it to count them',
    ])
  })

  it('something is judged at 100 %, where stable has no traffic', () => {
    const text = exampleWith('scope: service', 'scope: stable').replace('scope: canary', 'scope: stable')
    const told = 'release.metrics says nothing at 100 %, expected at least one metric of scope canary or service'
    expect(mistakesOf(text)).toContainEqual(expect.stringContaining(told))
  })

  it('are all told at once, by place, cross-checks too while other parts are broken', () => {
    const text = example
      .replace('title: Shop', 'titel: Shop')
      .replace('weight: 10%', 'weight: 100%')
      .replace('soak: 5m', 'soak: soon')
      .replace('roles: [lead, ops]', 'roles: [lead, opps]')
      .replace('limit: "> 1%"', 'limit: "> 1ms"')
    expect(mistakesOf(text)).toEqual([
      'f.yaml:1:1: title is missing, expected some text',
      'f.yaml:2:1: titel is not known, expected a known key; the nearest is title',
      'f.yaml:39:15: release.phases[1].weight is 100%, expected more than the 100% before it',
      'f.yaml:40:13: release.phases[1].soak is "soon", expected a duration such as 500ms, 10s, 30m, 1h or 2d',
      'f.yaml:41:21: release.phases[1].roles[1] is "opps", expected a key of roles; the nearest is ops',
      'f.yaml:49:14: release.metrics[0].limit is "> 1ms", expected one that fits ratio, such as "> 0.5%"',
    ])
  })

  it('a comparison stands in the place of bounds, in its own scope, with soaks long enough for it', () => {
    const compare = 'limit: "> 1%"\n      window: 5m\n      compare: { worse: higher }'
    expect(mistakesOf(exampleWith('limit: "> 1%"', compare))).toEqual([
      'f.yaml:46:14: release.metrics[0].scope is canary, expected compare beside the key compare',
      'f.yaml:48:14: release.metrics[0].query of scope canary has no $track, expected $track in it',
      'f.yaml:48:14: release.metrics[0].query of scope canary has $canary, expected $track, $window only',
      'f.yaml:49:14: release.metrics[0].limit stands beside compare, expected one or the other',
      'f.yaml:50:15: release.metrics[0].window is 5m, expected at most 85s: a comparison takes 7 windows, which the soak of release.phases[0] (10m) must hold',
    ])
    const inScope = exampleWith('scope: canary', 'scope: compare')
      .replace('$canary', '$track')
      .replace('limit: "> 1%"', 'window: 75s\n      compare: { worse: higher, readings: 9, critical: true }')
    expect(mistakesOf(inScope)).toEqual([
      'f.yaml:50:43: release.metrics[0].compare.readings is 9, expected at most 8: the soak of release.phases[0] (10m) holds no more windows of 75s',
    ])
    expect(mistakesOf(inScope.replace('readings: 9', 'readings: 8'))).toEqual([])
    const override = 'roles: [lead]\n      metrics: { error-rate: { limit: "> 2%", warmUp: 1m } }\n'
    expect(mistakesOf(inScope.replace('readings: 9', 'readings: 8').replace('roles: [lead]\n', override))).toEqual([
      'f.yaml:37:39: release.phases[0].metrics.error-rate.limit is for target and limit, but error-rate compares',
    ])
    const phase = inScope.replace('window: 75s', 'window: phase')
    expect(mistakesOf(phase).at(-1)).toBe(
      'f.yaml:49:15: release.metrics[0].window is phase, expected a duration beside compare',
    )
  })

  it('a comparison has readings enough to find a canary worse', () => {
    const comparing = (compare: string) =>
      exampleWith('scope: canary', 'scope: compare')
        .replace('$canary', '$track')
        .replace('limit: "> 1%"', `window: 60s\n      compare: { worse: higher, ${compare}, critical: true }`)
    expect(mistakesOf(comparing('readings: 6'))).toEqual([
      'f.yaml:50:43: release.metrics[0].compare.readings is 6, expected at least 7: with fewer no difference is as rare as significance (0.1%) asks',
    ])
    expect(mistakesOf(comparing('readings: 7'))).toEqual([])
    const long = (readings: number) =>
      comparing(`readings: ${readings}`)
        .replace('window: 60s', 'window: 5m')
        .replace('soak: 10m', 'soak: 2h')
        .replace('release:', 'release:\n  interval: 5s')
    expect(mistakesOf(long(17))).toEqual([
      'f.yaml:51:43: release.metrics[0].compare.readings is 17, expected at most 16: the time of the 1000 readings that are kept (5s apart) holds no more windows of 5m',
    ])
    expect(mistakesOf(long(16))).toEqual([])
    expect(mistakesOf(long(7).replace('window: 5m', 'window: 15m'))).toEqual([
      'f.yaml:50:15: release.metrics[0].window is 15m, expected at most 714s: a comparison takes 7 windows, which the time of the 1000 readings that are kept (5s apart) must hold',
    ])
    expect(mistakesOf(comparing('readings: 4, significance: 5%'))).toEqual([])
    expect(mistakesOf(comparing('significance: 0%'))).toEqual([
      'f.yaml:50:47: release.metrics[0].compare.significance is 0%, expected more: no difference is as rare as that',
    ])
  })

  it('a weight is held against the last sound one before it', () => {
    const broken = '      weight: 5\n      soak: 1m\n      roles: [lead]\n    - name: All\n'
    const text = example
      .replace('weight: 10%', 'weight: 100%')
      .replace('    - name: All\n', `    - name: Middle\n      proves: x\n${broken}`)
    expect(mistakesOf(text)).toEqual([
      'f.yaml:39:15: release.phases[1].weight is 5, expected a whole percentage from 1% to 100%',
      'f.yaml:44:15: release.phases[2].weight is 100%, expected more than the 100% before it',
    ])
  })
})

describe('what is no YAML, or not the right kind', () => {
  it.each([
    ['', ['f.yaml:1:1: the file is empty, expected a map']],
    ['- 1', ['f.yaml:1:1: the file is a list, expected a map']],
    ['just words', ['f.yaml:1:1: the file is "just words", expected a map']],
    ['title: &t x\nservice: *t', ['f.yaml:2:10: *t is an alias, expected the value itself']],
    ['title: *t', ['f.yaml:1:8: *t is an alias, expected the value itself']],
    ['? [a]\n: x', ['f.yaml:1:3: the key is a list or a map, expected a word']],
    ['title: "x', [`f.yaml:1:10: the YAML can't be read here (Missing closing "quote), expected valid YAML`]],
  ])('%j', (text, expected) => expect(mistakesOf(text)).toEqual(expected))

  it('tells only the YAML mistakes while the tree is in doubt', () => {
    const mistakes = mistakesOf(exampleWith('title: Shop', 'title: [Shop'))
    expect(mistakes.length).toBeGreaterThan(0)
    for (const mistake of mistakes) expect(mistake).toMatch(/^f\.yaml:\d+:\d+: the YAML can't be read here/)
  })

  it('a second document hides nothing of the first', () => {
    const text = `${exampleWith('soak: 10m', 'soak: 10')}---\nservice: other\n`
    expect(mistakesOf(text)).toEqual([
      'f.yaml:35:13: release.phases[0].soak is 10, expected a duration such as 500ms, 10s, 30m, 1h or 2d',
      'f.yaml:58:1: another document begins here, expected one',
    ])
  })

  it('a duplicate key hides nothing else', () => {
    const text = exampleWith('title: Shop', 'title: Shop\ntitle: Shop').replace('soak: 10m', 'soak: 10')
    expect(mistakesOf(text)).toEqual([
      'f.yaml:3:1: title stands twice, expected each key once',
      'f.yaml:36:13: release.phases[0].soak is 10, expected a duration such as 500ms, 10s, 30m, 1h or 2d',
    ])
  })
})

it('a token in the wrong place is not repeated', () => {
  const [mistake] = mistakesOf(exampleWith('"#releases"', 'xoxb-123-abc'))
  expect(mistake).toContain('slack.channel is [hidden]')
})

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { isMap, isScalar, isSeq, parseDocument, visit } from 'yaml'
import { parseConfig } from '../../src/config/load.ts'
import { parseDuration } from '../../src/config/notation.ts'
import { deriveConfig } from '../../src/sandbox/derived-config.ts'
import { userOf } from '../../src/sandbox/slack-workspace.ts'

const file = 'deployment-config.yaml'
const shipped = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
const roles = Object.keys(parseConfig(shipped, file).roles)

const neighbours = {
  alertmanager: 'http://127.0.0.1:9092/alertmanager',
  grafana: 'http://127.0.0.1:9092/grafana',
  registry: 'http://127.0.0.1:9092/registry',
  confluence: 'http://127.0.0.1:9092/confluence/wiki',
}

function derive(speed: number, text = shipped) {
  const derived = deriveConfig(text, file, {
    channel: 'C0RELEASES',
    users: Object.fromEntries(roles.map((role) => [role, userOf(role)])),
    prometheusUrl: 'http://127.0.0.1:9090',
    pagerdutyPage: 'http://localhost:8081/service-directory/PSANDBOX',
    pagerdutyApi: 'https://localhost:8082',
    health: 'http://127.0.0.1:9091/healthz',
    neighbours,
    speed,
  })
  return { text: derived, config: parseConfig(derived, file) }
}

/** Every duration in a file, by its path. */
function durations(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  visit(parseDocument(text), {
    Scalar(key, node, path) {
      const ms = typeof node.value === 'string' ? parseDuration(node.value) : undefined
      if (key === 'key' || ms === undefined) return
      const names = path.flatMap((parent, index) => {
        if (isSeq(parent)) return [String(parent.items.findIndex((item) => item === path[index + 1]))]
        if (isMap(parent) || !('key' in parent) || !isScalar(parent.key)) return []
        return [String(parent.key.value)]
      })
      found.set(names.join('.'), ms)
    },
  })
  return found
}

test('puts the sandbox in the place of what is outside', () => {
  const { config } = derive(60)
  expect(config.slack.channel).toBe('C0RELEASES')
  expect(config.prometheus.url).toBe('http://127.0.0.1:9090')
  expect(config.pagerduty.servicePage).toBe('http://localhost:8081/service-directory/PSANDBOX')
  expect(config.readiness.checks).toMatchObject({
    health: { urls: ['http://127.0.0.1:9091/healthz'] },
    alerts: { url: neighbours.alertmanager },
    dashboard: { url: neighbours.grafana, uid: 'claude-enhancer' },
    'image-exists': { registry: neighbours.registry },
    confluence: { url: neighbours.confluence, space: 'CED' },
    certificates: { endpoints: ['https://localhost:8082'] },
  })
  const users = Object.values(config.roles).flatMap((role) => role.users)
  expect(users).toHaveLength(roles.length)
  expect(new Set(users).size).toBe(roles.length)
})

test('what a file has no use for is not asked in its sandbox either', () => {
  const without = shipped.replace(/^ {4}alerts:\n.*\n.*\n/m, '')
  expect(without).not.toContain('alertmanager')
  expect(derive(60, without).config.readiness.checks.alerts).not.toHaveProperty('url')
})

test('roles are held in the same way as before, by the sandbox’s people and groups', () => {
  const users = 'users: [U000SRE]'
  expect(shipped).toContain(users)
  const { roles: derived } = derive(60, shipped.replace(users, 'groups: ["@on-duty"]')).config
  expect(derived.sre).toMatchObject({ users: [], groups: ['@sre'] })
  expect(derived.commander).toMatchObject({ users: [userOf('commander')], groups: [] })
})

describe('at speed 60', () => {
  test('no duration of the file but a time-out stays as long as it was', () => {
    const before = durations(shipped)
    const after = durations(derive(60).text)
    const kept = [...before].filter(([path, ms]) => after.get(path) === ms).map(([path]) => path)
    expect(before.size).toBeGreaterThan(15)
    expect(kept.filter((path) => !/(timeout|scaleFirst)$/.test(path))).toEqual([])
    expect(kept).toContain('cluster.scaleFirst')
    expect(kept).toContain('slack.timeout')
  })

  test('durations are divided, down to what people, pods and Prometheus need', () => {
    const { release, readiness } = derive(60).config
    expect(release.phases.map((phase) => phase.soak)).toEqual([30_000, 45_000, 30_000, 15_000])
    expect(release).toMatchObject({
      interval: 1_000,
      staleAfter: 5_000,
      readyWithin: 60_000,
      signOffExpires: 120_000,
      rollbackWindow: 30_000,
      pageAfter: 15_000,
      maxHold: 60_000,
      resolveAfter: 5_000,
    })
    expect(readiness.validFor).toBe(60_000)
    const windows = release.metrics.map((metric) => metric.window)
    expect(new Set(windows)).toEqual(new Set([5_000, 'phase']))
  })

  test('the steps of a subquery are as close as the readings', () => {
    const query = (text: string) => parseConfig(text, file).release.metrics.map((metric) => metric.query)
    expect(query(shipped).join()).toContain('[$window:5s]')
    expect(query(derive(60).text)).toEqual(query(shipped.replaceAll('[$window:5s]', '[$window:1s]')))
  })

  test('the fewest requests that are worth judging shrink with the window', () => {
    const { metrics } = derive(60).config.release
    expect(metrics.find((metric) => metric.name === 'error-rate')?.minRequests).toBe(42)
  })
})

test('what the file leaves to its default is divided as well', () => {
  const without = shipped.replace(/^ {2}(interval|maxHold|rollbackWindow): .*\n/gm, '')
  const { release } = derive(60, without).config
  expect(release).toMatchObject({ interval: 1_000, maxHold: 60_000, rollbackWindow: 30_000 })
})

test('a soak stays as long as the readings that confirm, and as what is stale, at any speed', () => {
  expect(derive(10_000).config.release.phases.map(({ soak }) => soak)).toEqual([6_000, 6_000, 6_000, 6_000])
  const lasting = shipped.replaceAll('confirm: 6', 'confirm: 4')
  expect(derive(10_000, lasting).config.release.phases[0]?.soak).toBe(5_000)
})

test('speed 1 changes no duration, but pods may be young', () => {
  const { release, readiness, prometheus } = derive(1).config
  const given = parseConfig(shipped, file)
  expect({ ...release, metrics: [] }).toEqual({ ...given.release, metrics: [] })
  expect(release.metrics.map((metric) => metric.window)).toEqual(given.release.metrics.map((metric) => metric.window))
  const { 'stable-steady': steady } = readiness.checks
  expect(steady).toEqual({ ...given.readiness.checks['stable-steady'], readyFor: 1_000 })
  expect(readiness).toMatchObject({ validFor: given.readiness.validFor, timeout: given.readiness.timeout })
  expect(prometheus.timeout).toBe(given.prometheus.timeout)
})

test.each([120, 1_000, 100_000])('speed %i gives a sound file', (speed) => {
  const { release } = derive(speed).config
  expect(release.interval).toBe(1_000)
  expect(Math.min(...release.phases.map((phase) => phase.soak))).toBeGreaterThanOrEqual(1_000)
})

test('mistakes of the given file are told by its name', () => {
  expect(() => derive(60, shipped.replace('soak: 30m', 'soak: soon'))).toThrow(/deployment-config\.yaml:\d+:\d+:/)
})

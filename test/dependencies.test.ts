import { expect, test } from 'vitest'
import { createDependencies } from '../src/dependencies.ts'
import { SlipwayError } from '../src/errors.ts'
import { tell } from '../src/jobs/failure.ts'

const away = tell(new SlipwayError('cluster-unreachable', { what: 'pods' }))
const forbidden = tell(new SlipwayError('cluster-forbidden', { what: 'pods' }))
const noRedis = tell(new SlipwayError('ledger-unavailable', { after: 1_000 }))

function watched(purpose = { isApp: true, isWorker: true }) {
  const lines: string[] = []
  let now = Date.UTC(2026, 0, 1)
  const line = (level: string) => (_fields: object, message: string) => void lines.push(`${level} ${message}`)
  const log = { info: line('info'), warn: line('warn'), error: line('error') }
  const dependencies = createDependencies({ now: () => now }, log, purpose)
  const pass = (ms: number) => {
    now += ms
  }
  return { lines, dependencies, pass }
}

test('an absence is told once, with its cause, and so is its end', () => {
  const { lines, dependencies, pass } = watched()
  dependencies.told('kubernetes', null)
  pass(1_000)
  dependencies.told('kubernetes', away)
  pass(61_000)
  dependencies.told('kubernetes', away)
  expect(dependencies.checks().kubernetes).toMatchObject({ ok: false, since: '2026-01-01T00:00:01.000Z' })
  expect(dependencies.away()).toEqual([
    expect.stringMatching(/^Waiting for Kubernetes since 00:00:01 UTC \(61 s\): The Kubernetes API server did not/),
  ])
  dependencies.told('kubernetes', null)
  dependencies.told('kubernetes', null)
  expect(dependencies.away()).toEqual([])
  expect(lines).toEqual([expect.stringMatching(/^warn Kubernetes is away: /), 'info Kubernetes is back'])
})

test('another cause of the same absence is told, as an error when only a person can mend it', () => {
  const { lines, dependencies, pass } = watched()
  dependencies.told('kubernetes', away)
  pass(1_000)
  dependencies.told('kubernetes', forbidden)
  expect(lines.map((line) => line.split(' ')[0])).toEqual(['warn', 'error'])
  expect(dependencies.checks().kubernetes?.since).toBe('2026-01-01T00:00:00.000Z')
})

test('a process stays ready without what it does not need to take clicks', () => {
  const { dependencies } = watched()
  const needed = () => Object.entries(dependencies.checks()).flatMap(([name, check]) => (check.optional ? [] : [name]))
  expect(needed()).toEqual(['redis', 'slack'])
  dependencies.told('redis', null)
  dependencies.told('redis', noRedis)
  expect(needed()).toEqual(['slack'])
})

test('a process that takes no clicks is ready without Slack', () => {
  const { dependencies } = watched({ isApp: false, isWorker: true })
  expect(dependencies.checks().slack).toMatchObject({ ok: false, optional: true })
})

test('the watch loop tells of Redis where it runs', () => {
  const [worker, app] = [watched(), watched({ isApp: true, isWorker: false })]
  for (const { dependencies } of [worker, app]) {
    dependencies.told('redis', noRedis)
    dependencies.told('redis', null)
  }
  expect(worker.lines).toEqual([])
  expect(app.lines).toHaveLength(2)
})

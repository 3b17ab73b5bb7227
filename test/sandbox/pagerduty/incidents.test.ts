import { expect, test } from 'vitest'
import { applied, type Incident, type IncidentEvent } from '../../../src/sandbox/pagerduty/incidents.ts'

const trigger = (key: string, title = 'Rolled back'): IncidentEvent => ({
  action: 'trigger',
  key,
  title,
  severity: 'critical',
  source: 'the service',
  client: 'Slipway',
  details: {},
})
const resolve = (key: string): IncidentEvent => ({ action: 'resolve', key })

function after(...events: IncidentEvent[]): readonly Incident[] {
  return events.reduce<readonly Incident[]>((incidents, event, index) => applied(incidents, event, index), [])
}

test('a trigger opens an incident, numbered from 4711 on', () => {
  const incidents = after(trigger('a'), trigger('b'))
  expect(incidents.map(({ number, key, status, alerts }) => [number, key, status, alerts])).toEqual([
    [4711, 'a', 'triggered', 1],
    [4712, 'b', 'triggered', 1],
  ])
})

test('a second trigger of an open key is the same incident, whose title stays', () => {
  const [incident, ...others] = after(trigger('a', 'first'), trigger('a', 'second'))
  expect(others).toEqual([])
  expect(incident).toMatchObject({ alerts: 2, title: 'first', status: 'triggered' })
  expect(incident?.log).toEqual([
    { at: 0, text: 'Triggered: first' },
    { at: 1, text: 'Triggered again: second' },
  ])
})

test('a resolve closes it, and the next trigger opens a new one', () => {
  const incidents = after(trigger('a'), resolve('a'), resolve('a'), trigger('a'))
  expect(incidents).toMatchObject([
    { number: 4711, status: 'resolved', createdAt: 0, resolvedAt: 1 },
    { number: 4712, status: 'triggered', createdAt: 3, resolvedAt: null },
  ])
})

test('resolving what was never open does nothing', () => expect(after(resolve('a'))).toEqual([]))

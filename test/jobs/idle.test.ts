import { expect, test } from 'vitest'
import { type IdleSigns, idleBy } from '../../src/jobs/idle.ts'
import { spec } from '../rollout/drive.ts'

const counting = {
  ...spec,
  requestsQuery: 'sum(rate(http_requests_total[$window]))',
  staleAfter: 60_000,
  pageAfter: 600_000,
}
const { requestsQuery: _query, convergencePause: _pause, ...blind } = counting
const empty = { missing: 'empty', detail: 'no series' } as const
const none: IdleSigns = { weight: 0, shared: false, requests: { value: 0, at: 0 }, elapsed: 60_000, untouched: false }

test.each<[string, Partial<IdleSigns>, typeof spec, ReturnType<typeof idleBy>]>([
  ['no request in a whole window', {}, counting, 'counted'],
  ['a window that is not whole yet', { elapsed: 59_999 }, counting, null],
  ['a request', { requests: { value: 1, at: 0 } }, counting, null],
  ['no request, but a share of the route', { weight: 5 }, counting, null],
  ['no request, but another route to it', { shared: true }, counting, null],
  ['no number', { requests: empty }, counting, null],
  ['no number of a canary that never had traffic', { requests: empty, untouched: true }, counting, 'silent'],
  ['no number of one that has a share', { requests: empty, untouched: true, weight: 5 }, counting, null],
  [
    'no number because the source does not answer',
    { requests: { missing: 'failed', detail: 'away' }, untouched: true },
    counting,
    null,
  ],
  ['a request to one that never had traffic', { requests: { value: 1, at: 0 }, untouched: true }, counting, null],
  ['nothing to count with, before the pause', { requests: empty, elapsed: 599_999 }, blind, null],
  ['nothing to count with, after the pause', { requests: empty, elapsed: 600_000 }, blind, 'pause'],
  ['a pause of its own', { requests: empty, elapsed: 120_000 }, { ...blind, convergencePause: 120_000 }, 'pause'],
  ['no number of one that another route leads to', { requests: empty, untouched: true, shared: true }, counting, null],
  ['a pause, but another route to it', { requests: empty, elapsed: 600_000, shared: true }, blind, null],
  ['a pause, but a share of the route', { requests: empty, elapsed: 600_000, weight: 1 }, blind, null],
])('%s', (_name, signs, wanted, by) => {
  expect(idleBy({ ...none, ...signs }, wanted)).toBe(by)
})

import { expect, test } from 'vitest'
import { runAppLoop } from '../src/app-loop.ts'
import { SlipwayError } from '../src/errors.ts'
import { followChannel } from '../src/follow-channel.ts'
import type { Told } from '../src/jobs/failure.ts'

/** A world of so many rounds, and what was told. */
function rounds(count: number) {
  const stop = new AbortController()
  const [told, waited]: [string[], number[]] = [[], []]
  const log = { info: () => undefined, warn: () => undefined, error: (_: object, what: string) => void told.push(what) }
  const clock = {
    now: () => 42,
    async wait(ms: number) {
      waited.push(ms)
      if (waited.length === count) stop.abort()
    },
  }
  return { clock, log, told, waited, signal: stop.signal }
}

test('an app notes that Slack is reached, however long PagerDuty takes', async () => {
  const { clock, log, signal } = rounds(1)
  const heard: number[] = []
  const beside = { hear: async (at: number) => void heard.push(at) }
  const rollouts = { open: async () => [], load: async () => null }
  const settle = () => new Promise<void>(() => undefined)
  const emergency = { record: async () => undefined, sendAgain: async () => undefined, settle }
  void runAppLoop({ beside, clock, log, reach: { reachable: async () => true }, rollouts }, emergency, signal)
  await expect.poll(() => heard).toEqual([42])
})

test('an app notes that Slack is reached, only when it is, and records what it did without Redis', async () => {
  const { clock, log, signal, told } = rounds(4)
  const [heard, recorded]: [number[], string[]] = [[], []]
  const reachable = [true, false, true, true]
  const beside = {
    hear: async (at: number) => void heard.push(at),
  }
  const reach = { reachable: async () => reachable.shift() ?? false }
  const failures = [undefined, undefined, new SlipwayError('ledger-unavailable', { after: 1_000 }), new Error('broken')]
  const record = async () => {
    const failure = failures.shift()
    if (failure !== undefined) throw failure
    recorded.push('recorded')
  }
  const loaded: number[] = []
  const rollouts = {
    open: async () => [7, 8],
    async load(rollout: number) {
      loaded.push(rollout)
      if (rollout === 7) throw new SlipwayError('ledger-newer-schema', { rollout: '7', type: 'new', version: 9 })
      return null
    },
  }
  let [again, settled] = [0, 0]
  const settle = async () => {
    settled += 1
  }
  const sendAgain = async () => {
    again += 1
  }
  await runAppLoop({ beside, clock, log, reach, rollouts }, { record, sendAgain, settle }, signal)
  // Nobody else knows of the page that PagerDuty did not take; once Redis is back it is the ledger's.
  expect([again, settled]).toEqual([1, 2])
  expect(heard).toEqual([42])
  expect(recorded).toHaveLength(2)
  // Where each of them is: of one that a newer Slipway wrote only that one tells.
  expect(loaded).toEqual([7, 8, 7, 8])
  // Redis away is told elsewhere; what else fails is told.
  expect(told).toEqual(['what was done without Redis could not be recorded'])
})

test('a worker finds the channel once Slack answers, and waits as long as it is asked to', async () => {
  const { clock, signal, waited } = rounds(9)
  const told: (string | undefined)[] = []
  const dependencies = { told: (_system: string, failure: Told | null) => void told.push(failure?.code) }
  const answers = [
    new SlipwayError('slack-unreachable', { method: 'conversations.list' }),
    new SlipwayError('slack-throttled', { method: 'conversations.list', after: 30_000 }),
    'C1',
  ]
  const find = async () => {
    const answer = answers.shift()
    if (answer instanceof Error) throw answer
    return answer ?? ''
  }
  const found: string[] = []
  await followChannel(find, { clock, dependencies }, signal, (id) => void found.push(id))
  expect(found).toEqual(['C1'])
  expect(waited).toEqual([5_000, 30_000])
  expect(told).toEqual(['slack-unreachable', 'slack-throttled', undefined])
})

import { expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import { createRollouts } from '../../src/ledger/rollouts.ts'
import { slipway } from '../../src/rollout/decide-rollback.ts'
import type { Holds } from '../../src/rollout/hold.ts'
import { type Drive, holderOf, service, spec } from '../rollout/drive.ts'
import { createMemoryLedger } from '../rollout/memory-ledger.ts'
import { at, evidence, sign } from '../rollout/ways.ts'

const by = holderOf('sre')
const pause = (id: string) => ({ type: 'pause', reason: 'lunch', id, at: 2, by }) as const

async function start() {
  const ledger = createMemoryLedger()
  const rollouts = createRollouts(service, ledger, async () => undefined)
  const report = { id: 'r', version: spec.version, image: spec.image, validUntil: 10, blocks: 0 }
  await rollouts.start({ type: 'start', id: 'start', at: 1, by, spec, report })
  const state = await rollouts.load(1)
  if (state === null) throw new Error('no rollout')
  return { ledger, rollouts, state }
}

test('a command is decided on the state that was read a moment ago, without a look at the ledger', async () => {
  const { ledger, rollouts, state } = await start()
  const read = ledger.read
  let reads = 0
  ledger.read = (...of) => {
    reads += 1
    return read(...of)
  }
  expect(await rollouts.execute(1, pause('a'), state)).toMatchObject({ events: [{ type: 'paused' }] })
  expect(reads).toBe(0)
})

test('where the rollout has moved on since, the ledger is read and it is decided anew', async () => {
  const { rollouts, state } = await start()
  await rollouts.execute(1, pause('a'))
  // What was read does not know the pause yet.
  expect(await rollouts.execute(1, pause('b'), state)).toMatchObject({ refusal: { code: expect.any(String) } })
  expect((await rollouts.history(1)).map((e) => e.type)).toEqual(['rollout-started', 'paused'])
})

test('a start that stood still, and was taken up by another process, starts no second rollout', async () => {
  const ledger = createMemoryLedger()
  const report = { id: 'r', version: spec.version, image: spec.image, validUntil: 10, blocks: 0 }
  const command = { type: 'start', id: 'start', at: 1, by, spec, report } as const
  const other = createRollouts(service, ledger, async () => undefined)
  let stoodStill = false
  const frozen = createRollouts(
    service,
    {
      ...ledger,
      async append(...of) {
        if (!stoodStill) {
          stoodStill = true
          await other.start(command)
          await other.execute(1, { type: 'roll-back', id: 'back', at: 2, by, reason: '', forced: true })
          const restored = { type: 'record-restored', from: 0, steps: [], restoredAt: 3 } as const
          await other.execute(1, { ...restored, id: 'restored', at: 3, by })
        }
        return ledger.append(...of)
      },
    },
    async () => undefined,
  )
  expect(await frozen.start(command)).toMatchObject({ state: { rollout: 1, stage: 'rolled-back' }, events: [] })
  expect(await ledger.latest()).toBe(1)
})

test('what holds the service is asked for a tick only when something would come of it', async () => {
  const ledger = createMemoryLedger()
  const lock = { id: 'lock', by, at: 1, reason: 'an incident elsewhere' }
  let holds: Holds = {}
  let asked = 0
  const rollouts = createRollouts(
    service,
    ledger,
    async () => undefined,
    async () => {
      asked += 1
      return holds
    },
  )
  const events = signed().events
  await ledger.append(1, 0, events, true)
  const last = events.at(-1)?.at ?? 0
  const tick = (id: string) => ({ type: 'tick', unreachableSince: null, id, at: last + 1, by: slipway }) as const
  holds = { lock }
  expect(await rollouts.execute(1, tick('a'))).toMatchObject({ events: [] })
  expect(asked).toBe(1)
  holds = {}
  expect(await rollouts.execute(1, tick('b'))).toMatchObject({ events: [{ type: 'phase-started' }] })
  expect(asked).toBe(2)
  expect(await rollouts.execute(1, tick('c'))).toMatchObject({ events: [] })
  expect(asked).toBe(2)
})

test('what is over and closed by another process is not kept in mind', async () => {
  const ledger = createMemoryLedger()
  const rollouts = createRollouts(service, ledger, async () => undefined)
  await ledger.append(1, 0, at('rolled-back').events, true)
  await rollouts.load(1)
  await rollouts.open()
  expect(rollouts.known()).toHaveLength(1)
  ledger.open = async () => []
  await rollouts.open()
  expect(rollouts.known()).toEqual([])
  expect(rollouts.closed()).toBe(1)
})

test('what another process has ended and closed is not taken for going on by one that saw only its soak', async () => {
  const ledger = createMemoryLedger()
  const rollouts = createRollouts(service, ledger, async () => undefined)
  const { events } = at('rolled-back')
  const soaking = events.findIndex((e) => e.type === 'rollback-ordered')
  await ledger.append(1, 0, events.slice(0, soaking), true)
  await rollouts.load(1)
  ledger.open = async () => []
  await rollouts.open()
  expect(rollouts.known()).toHaveLength(1)
  await ledger.append(1, soaking, events.slice(soaking), false)
  await rollouts.open()
  expect([rollouts.known(), rollouts.closed()]).toEqual([[], 1])
})

test('one that a newer Slipway has ended keeps nobody from the others, as it can’t be read; Redis away is told', async () => {
  const ledger = createMemoryLedger()
  const rollouts = createRollouts(service, ledger, async () => undefined)
  await ledger.append(1, 0, at('soaking').events, true)
  await rollouts.load(1)
  ledger.open = async () => [2]
  ledger.read = async () => {
    throw new SlipwayError('ledger-unavailable', { after: 1_000 })
  }
  await expect(rollouts.open()).rejects.toMatchObject({ code: 'ledger-unavailable' })
  expect(rollouts.known()).toHaveLength(1)
  ledger.read = async () => {
    throw new SlipwayError('ledger-newer-schema', { rollout: `${service}/1`, type: 'unheard-of', version: 99 })
  }
  expect(await rollouts.open()).toEqual([2])
  expect([rollouts.known(), rollouts.closed()]).toEqual([[], 1])
})

test('of two rollouts only the newer can be going on', async () => {
  const ledger = createMemoryLedger()
  const rollouts = createRollouts(service, ledger, async () => undefined)
  const { events } = at('soaking')
  ledger.read = async (rollout, from) => events.slice(from).map((event) => ({ ...event, rollout }))
  await rollouts.load(1)
  await rollouts.load(2)
  expect(rollouts.known().map(({ rollout }) => rollout)).toEqual([2])
})

test('what was appended wakes the projections that it concerns', async () => {
  const woken: (readonly string[])[] = []
  const ledger = createMemoryLedger()
  const rollouts = createRollouts(service, ledger, async (_rollout, _jobs, concerned) => void woken.push(concerned))
  const { events, now } = at('soaking')
  await ledger.append(1, 0, events, true)
  await rollouts.execute(1, pause('a'))
  await rollouts.execute(1, { type: 'record-breach', evidence, id: 'b', at: now, by: slipway })
  const everyEvent = ['journal', 'thread', 'card', 'sink']
  expect(woken[0]).toEqual(everyEvent)
  expect(woken[1]).toEqual(expect.arrayContaining([...everyEvent, 'paging']))
  expect(woken[1]).not.toContain('change-events')
})

/** Signed under a lock, so that only the lock keeps the phase from starting. */
function signed(): Drive {
  const drive = at('awaiting-sign-off')
  drive.holds = { lock: { id: 'lock', by, at: 1, reason: 'an incident elsewhere' } }
  sign(drive)
  return drive
}

import { expect, test } from 'vitest'
import { createRollouts } from '../../src/ledger/rollouts.ts'
import { holderOf, service, spec } from '../rollout/drive.ts'
import { createMemoryLedger } from '../rollout/memory-ledger.ts'

const by = holderOf('sre')
const pause = (id: string) => ({ type: 'pause', reason: 'lunch', id, at: 2, by }) as const

async function start() {
  const ledger = createMemoryLedger()
  const rollouts = createRollouts(service, ledger, async () => undefined)
  const report = { id: 'r', version: spec.version, validUntil: 10, blocks: 0 }
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

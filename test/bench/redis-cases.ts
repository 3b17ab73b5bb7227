import { Redis } from 'ioredis'
import { keysOf } from '../../src/ledger/keys.ts'
import { createRedisLedger } from '../../src/ledger/redis-ledger.ts'
import { createRollouts } from '../../src/ledger/rollouts.ts'
import type { Event } from '../../src/rollout/events.ts'
import { service } from '../rollout/drive.ts'
import type { Case } from './measure.ts'

/** The ledger on a real Redis, which writes to its disk before it answers. */
export async function redisCases(
  history: readonly Event[],
  url: string,
): Promise<{ readonly cases: readonly Case[]; close(): void }> {
  const redis = new Redis(url)
  const keys = keysOf(service)
  const ledger = createRedisLedger(redis, service, keys)
  const rollouts = createRollouts(service, ledger, async () => undefined)
  const last = history.at(-1)
  if (last === undefined) throw new Error('the release has no events')
  const line = JSON.stringify(last)
  // Not holding the service, so that the other one may begin.
  if (typeof (await ledger.append(1, 0, history, false)) === 'string') throw new Error('the ledger is not empty')
  let length = 0

  const appendNext = async (): Promise<void> => {
    const event = { ...last, rollout: 2, version: length + 1 }
    const appended = await ledger.append(2, length, [event], false)
    if (typeof appended === 'string') throw new Error(`the append was refused: ${appended}`)
    length += 1
  }

  return {
    cases: [
      {
        name: 'append an event',
        floorName: 'RPUSH of its line',
        work: appendNext,
        floor: () => redis.rpush('floor', line),
      },
      {
        name: `read ${history.length} events`,
        floorName: 'LRANGE of their lines',
        work: () => ledger.read(1, 0),
        floor: () => redis.lrange(keys.events(1), 0, -1),
      },
      {
        name: 'load a state that is known',
        floorName: 'LRANGE of its last line',
        work: () => rollouts.load(1),
        floor: () => redis.lrange(keys.events(1), -1, -1),
      },
    ],
    close: () => redis.disconnect(),
  }
}

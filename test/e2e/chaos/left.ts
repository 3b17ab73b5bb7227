import { queueNames } from '../../../src/jobs/queue-settings.ts'
import { keysOf } from '../../../src/ledger/keys.ts'
import type { Lane } from './lane.ts'

/** What Redis holds of the rollouts with anything left to do, in words: how far each projection is, and the jobs that wait or run. */
export async function leftOf({ world, ask }: Lane): Promise<string> {
  const keys = keysOf(world.config.service)
  const left = await ask(async (redis) => {
    const open = await redis.smembers(keys.open)
    const rollouts = open.map(async (one) => {
      const [cursors, events] = [
        await redis.hgetall(keys.cursors(Number(one))),
        await redis.llen(keys.events(Number(one))),
      ]
      return `rollout ${one} of ${events} events has ${JSON.stringify(cursors)}`
    })
    const jobs = queueNames.map(async (queue) => {
      const at = (list: string) => `${keys.queues}:${queue}:${list}`
      const [waiting, active] = [await redis.lrange(at('wait'), 0, -1), await redis.lrange(at('active'), 0, -1)]
      const delayed = await redis.zrange(at('delayed'), '0', '-1', 'WITHSCORES')
      return `${queue}: waiting [${waiting}], active [${active}], delayed [${delayed}]`
    })
    return [...(await Promise.all(rollouts)), ...(await Promise.all(jobs))].join('; ')
  })
  return left ?? 'Redis does not answer'
}

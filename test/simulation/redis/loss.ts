import type { Outside } from '../outside.ts'
import type { Delivery } from '../people/delivery.ts'
import type { RedisLoss } from '../scenario.ts'
import { copyOf, emptyRedis } from './data.ts'

/** Redis comes back as it was a while ago, or empty. */
export function planRedisLoss(
  { timeline, redis, workshop, faults, trace, witness }: Outside,
  delivery: Delivery,
  loss: RedisLoss,
): void {
  const { at, lost } = loss
  let kept = emptyRedis()
  if (lost !== null)
    timeline.after(Math.max(0, at - lost), () => {
      kept = copyOf(redis.data)
    })
  timeline.after(at, () => {
    faults.meet(lost === null ? 'redis comes back empty' : 'redis comes back older')
    trace(() => `redis loses ${lost === null ? 'everything' : `${lost} ms`}`)
    redis.data = copyOf(kept)
    workshop.replaced()
    delivery.forget()
    witness.rewind(redis.data.events)
  })
}

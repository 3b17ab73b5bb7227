import type { Redis } from 'ioredis'

/** Tells a Redis that says no from one that says nothing: the connection may hear it, or the call. */
export function whyRefused(redis: Redis): (error: unknown) => boolean {
  const isRefusal = (error: unknown) => error instanceof Error && /^(NOAUTH|WRONGPASS|NOPERM)/.test(error.message)
  let heard = false
  redis.on('error', (error) => {
    heard = isRefusal(error)
  })
  redis.on('ready', () => {
    heard = false
  })
  return (error) => heard || isRefusal(error)
}

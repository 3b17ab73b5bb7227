import { Redis } from 'ioredis'
import { afterAll, beforeAll } from 'vitest'
import { testRedis } from './redis-server.ts'

/** A Redis for the tests of a file, or of a `describe`: hands out a client of it before the first one, and ends both after the last. */
export function useRedis(take: (client: Redis) => void): { readonly url: () => string } {
  let url = ''
  let end = async () => {}
  beforeAll(async () => {
    const server = await testRedis()
    url = server.redis.url
    const client = new Redis(url)
    take(client)
    end = async () => {
      client.disconnect()
      await server.stop()
    }
  })
  afterAll(() => end())
  return { url: () => url }
}

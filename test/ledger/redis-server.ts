import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startKeeper } from '../../src/sandbox/keeper.ts'
import { startRedis } from '../../src/sandbox/redis.ts'

/** A Redis of a test file's own. */
export async function testRedis() {
  const dir = await mkdtemp(join(tmpdir(), `slipway-test-${randomUUID().slice(0, 8)}`))
  const keeper = startKeeper(dir)
  const redis = await startRedis(dir, keeper)
  return {
    redis,
    async stop() {
      await redis.stop()
      await rm(dir, { recursive: true, force: true })
      await keeper.finish()
    },
  }
}

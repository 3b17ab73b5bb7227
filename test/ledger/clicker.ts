import { createInterface } from 'node:readline'
import { Redis } from 'ioredis'
import { z } from 'zod'
import { keysOf } from '../../src/ledger/keys.ts'
import { createRedisLedger } from '../../src/ledger/redis-ledger.ts'
import { createRollouts } from '../../src/ledger/rollouts.ts'

/**
 * A process of Slipway's that takes clicks on a request: each line of standard input is a list of people and the role each signs
 * as. It clicks for all of them at once and prints what became of each, in order: `signed`, or the refusal's code.
 */
const [, , url = '', service = '', name = ''] = process.argv
const redis = new Redis(url)
const rollouts = createRollouts(service, createRedisLedger(redis, service, keysOf(service)), async () => undefined)
const clicks = z.object({ request: z.number(), by: z.array(z.object({ id: z.string(), role: z.string() })) })

await rollouts.load(1)
console.log('ready')
for await (const line of createInterface({ input: process.stdin })) {
  const { request, by } = clicks.parse(JSON.parse(line))
  const done = await Promise.all(
    by.map(async ({ id, role }, index) => {
      const who = { id, name: id, via: 'slack' } as const
      const head = { id: `${name}-${request}-${index}`, at: 10, by: who }
      const executed = await rollouts.execute(1, { ...head, type: 'approve', request, roles: [role], holders: [] })
      return 'refusal' in executed ? executed.refusal.code : 'signed'
    }),
  )
  console.log(JSON.stringify(done))
}
redis.disconnect()

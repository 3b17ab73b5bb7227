import { testRedis } from '../ledger/redis-server.ts'
import { createLongRelease } from './long-release.ts'
import { type Figures, measure } from './measure.ts'
import { pureCases } from './pure-cases.ts'
import { redisCases } from './redis-cases.ts'

const release = await createLongRelease()
const server = await testRedis()
const redis = await redisCases(release.history, server.redis.url)
try {
  console.log('                            took       floor   ratio')
  for (const one of [...(await pureCases(release)), ...redis.cases]) console.log(lineOf(await measure(one)))
} finally {
  redis.close()
  await server.stop()
}

/** Only the ratio can be compared from one machine, or one moment, to another. */
function lineOf({ name, floorName, took, floor }: Figures): string {
  const micros = (value: number) => `${value.toFixed(1)} µs`.padStart(11)
  return `${name.padEnd(26)} ${micros(took)} ${micros(floor)} ${(took / floor).toFixed(1).padStart(7)}   (${floorName})`
}

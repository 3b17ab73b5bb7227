import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { SlipwayError } from '../errors.ts'
import { keysOf } from '../ledger/keys.ts'
import { fromRedis } from '../ledger/redis.ts'
import { readEvent } from '../ledger/upcast.ts'
import { canonicalJson } from '../rollout/canonical.ts'
import { withRedis } from './with-redis.ts'

/** Ledgers by rollout: the lines of each, in order, as they are written. */
export type Ledgers = ReadonlyMap<number, readonly string[]>

/** Reads every ledger of a service from Redis; throws `ledger-unavailable` or `ledger-refused`. */
export async function ledgersOfRedis(url: string, service: string): Promise<Ledgers> {
  const keys = keysOf(service)
  return withRedis(url, (redis) =>
    fromRedis(async () => {
      const found = new Map<number, readonly string[]>()
      let cursor = '0'
      do {
        const [next, names] = await redis.scan(cursor, 'MATCH', `${keys.queues}:events:*`, 'COUNT', 1_000)
        for (const name of names) found.set(Number(name.split(':').at(-1)), await redis.lrange(name, 0, -1))
        cursor = next
      } while (cursor !== '0')
      return new Map(inOrder(found))
    }),
  )
}

/** `-` is standard input. Throws `usage` when it can't be read. */
export async function contentOf(file: string): Promise<string> {
  try {
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8')
  } catch (cause) {
    throw new SlipwayError('usage', { what: `The file ${file} can't be read.` }, { cause })
  }
}

const line = z.looseObject({
  service: z.string(),
  rollout: z.number(),
  version: z.number(),
  at: z.number(),
  command: z.string(),
  type: z.string(),
})
type Line = z.infer<typeof line>

/**
 * The ledgers in a journal: events as JSON, one a line, in any order. Other lines are ignored, and a repeated event is taken
 * once. Without `wanted` the journal must be of one service. Throws `usage`, or `ledger-corrupt` when one place in a ledger
 * has two different events.
 */
export function ledgersOfJournal(content: string, wanted?: string): { service: string; ledgers: Ledgers } {
  const lines = content.split('\n').flatMap((one) => line.safeParse(parsed(one)).data ?? [])
  const services = Map.groupBy(lines, (event) => event.service)
  const [service = wanted, ...others] = wanted === undefined ? [...services.keys()].toSorted() : [wanted]
  const found = service === undefined ? undefined : services.get(service)
  if (service === undefined || found === undefined)
    throw new SlipwayError('usage', { what: `The journal has no events${wanted ? ` of ${wanted}` : ''}.` })
  if (others.length > 0)
    throw new SlipwayError('usage', {
      what: `The journal is of several services: say --service ${[service, ...others].join(' or ')}.`,
    })
  const rollouts = Map.groupBy(found, (event) => event.rollout)
  return { service, ledgers: new Map(inOrder(rollouts).map(([number, events]) => [number, onceEach(events)])) }
}

/** The events by version, each once. */
function onceEach(events: readonly Line[]): readonly string[] {
  return inOrder(Map.groupBy(events, (event) => event.version)).map(([version, same]) => {
    const [first = '', ...different] = new Set(same.map(asRead))
    const name = `${same[0]?.service}/${same[0]?.rollout}`
    if (different.length > 0) throw new SlipwayError('ledger-corrupt', { rollout: name, seq: version })
    return first
  })
}

/** The event as the present code reads it: an older and a newer Slipway may have printed the same one. */
function asRead({ journal: _mark, ...event }: Line): string {
  try {
    return canonicalJson(readEvent(JSON.stringify(event), '', event.version))
  } catch {
    return canonicalJson(event)
  }
}

const inOrder = <T>(map: ReadonlyMap<number, T>) => [...map].toSorted(([a], [b]) => a - b)

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

import { Redis, type RedisOptions } from 'ioredis'
import { parseRedisUrl, type SentinelAddress } from '../config/redis-url.ts'
import { SlipwayError } from '../errors.ts'
import { redisPatience } from './redis.ts'

/**
 * What a connection is for. `calls` (the ledger, handing jobs on) fails within a second instead of queueing while Redis is
 * away, and nothing is sent again after it has failed. `worker` waits for as long as it takes.
 */
export type Use = 'calls' | 'worker'

/** Redis' replies come in their usual shape. */
type Options = Omit<RedisOptions, 'replyMapping'>

/** A `worker` waits up to 10 s for its next job without hearing anything; a connection silent for longer is dead (ms). */
const workerSilence = 15_000
/** A connection on which a call got no answer is made anew, or it would swallow calls until TCP gives it up (ms). */
const callsSilence = 1.5 * redisPatience

const uses: Readonly<Record<Use, Options>> = {
  calls: {
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 1,
    commandTimeout: redisPatience,
    socketTimeout: callsSilence,
  },
  worker: { maxRetriesPerRequest: null, socketTimeout: workerSilence },
}

/** Pauses before another try to connect: soon at first, then about a second, not all processes at once. */
const pause = (attempt: number) => Math.round(Math.min(100 * attempt, 1_000) * (0.75 + Math.random() / 4))

const common: Options = {
  connectTimeout: redisPatience,
  disconnectTimeout: redisPatience,
  retryStrategy: pause,
  // A master that was demoted: the next connection asks who is master now.
  reconnectOnError: (error) => error.message.includes('READONLY'),
}

/** Opens a connection to Redis, the only way that Slipway does: to one address, or to whoever the sentinels name. */
export function connect(url: string, use: Use): Redis {
  const address = parseRedisUrl(url)
  if (address === null) throw new SlipwayError('environment-invalid', { mistakes: 'SLIPWAY_REDIS_URL is wrong' })
  const options = { ...common, ...uses[use] }
  if ('url' in address) {
    const redis = new Redis(address.url, options)
    redis.on('error', () => undefined)
    return redis
  }
  const redis = new SentinelRedis({ ...options, ...sentinelOptions(address) })
  redis.on('error', () => undefined)
  return redis
}

function sentinelOptions({ sentinels, name, db, username, password, tls }: SentinelAddress): Options {
  return {
    sentinels: sentinels.map((s) => ({ ...s })),
    name,
    db,
    sentinelCommandTimeout: redisPatience,
    sentinelRetryStrategy: pause,
    sentinelReconnectStrategy: () => 10 * redisPatience,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password, sentinelPassword: password }),
    ...(tls && { tls: {}, enableTLSForSentinelMode: true, sentinelTLS: {} }),
  }
}

/**
 * When the sentinels tell of a new master while the client is just asking them for it, the client ends for good. This one
 * goes on until it is told to disconnect.
 */
class SentinelRedis extends Redis {
  wanted = true

  constructor(options: Options) {
    super(options)
    this.on('end', () => {
      if (this.wanted) setTimeout(() => void this.connect().catch(() => undefined), pause(1))
    })
  }

  override disconnect(reconnect = false): void {
    this.wanted = reconnect
    super.disconnect(reconnect)
  }
}

/** Redis behind sentinels: whoever they say is the master of `name` at the moment. */
export interface SentinelAddress {
  readonly sentinels: readonly { readonly host: string; readonly port: number }[]
  /** What the sentinels call the master. */
  readonly name: string
  readonly db: number
  readonly username?: string
  /** Of Redis and of the sentinels. */
  readonly password?: string
  readonly tls: boolean
}

/** Where Redis is: one address as it is written, or sentinels. */
export type RedisAddress = { readonly url: string } | SentinelAddress

const single = /^rediss?:\/\/\S+$/
const several =
  /^(?<scheme>rediss?)\+sentinel:\/\/(?:(?<user>[^\s:@/]*)(?::(?<password>[^\s@/]*))?@)?(?<hosts>[^\s@/]+)\/(?<name>[A-Za-z0-9._-]+)(?:\/(?<db>\d{1,3}))?$/
const hostAndPort = /^(?:\[(?<six>[0-9A-Fa-f:.]+)\]|(?<host>[A-Za-z0-9._-]+)):(?<port>\d{1,5})$/

/**
 * Reads `redis://…`, `rediss://…`, or `redis+sentinel://[user:password@]host:port,host:port/NAME[/DB]` (`rediss+sentinel`
 * for TLS to Redis and sentinels). User and password are percent-encoded. Null when it is none of these.
 */
export function parseRedisUrl(text: string): RedisAddress | null {
  if (single.test(text)) return isWhole(text) ? { url: text } : null
  const parts = several.exec(text)?.groups
  if (parts === undefined) return null
  const sentinels = (parts.hosts ?? '').split(',').map(addressOf)
  const [username, password] = [decoded(parts.user), decoded(parts.password)]
  if (sentinels.includes(null) || username === null || password === null) return null
  return {
    sentinels: sentinels.filter((s) => s !== null),
    name: parts.name ?? '',
    db: Number(parts.db ?? 0),
    ...(username && { username }),
    ...(password && { password }),
    tls: parts.scheme === 'rediss',
  }
}

/** A password that is not encoded ends the address early: its rest would stand where the database does, or be told in an error. */
function isWhole(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || url.hostname === '' || url.hash !== '' || url.search.includes('@')) return false
  return /^\/?\d*$/.test(url.pathname) && decoded(url.username) !== null && decoded(url.password) !== null
}

function addressOf(text: string): { host: string; port: number } | null {
  const { six, host = six, port } = hostAndPort.exec(text)?.groups ?? {}
  const number = Number(port)
  return host !== undefined && number >= 1 && number <= 65_535 ? { host, port: number } : null
}

function decoded(text: string | undefined): string | undefined | null {
  try {
    return text && decodeURIComponent(text)
  } catch {
    return null
  }
}

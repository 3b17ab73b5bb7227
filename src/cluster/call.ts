import { ApiException } from '@kubernetes/client-node'
import { SlipwayError } from '../errors.ts'
import { retryAfter } from '../retry-after.ts'
import type { Connection } from './connection.ts'

/** How a patch went: `written`, or the status of a conflict (409: the version is old; 422: a `test` failed). */
export type PatchAnswer = 'written' | 409 | 422

/** Statuses of an API server that can't answer now but may soon: too many calls, overloaded, starting, behind a dead proxy. */
const away = new Set([429, 502, 503, 504])

/** Makes calls whose errors are SlipwayErrors. A 401 or a broken connection renews the connection for the next call. */
export function createCall(connection: Connection) {
  const failed = (what: string, cause: unknown): SlipwayError => {
    if (!(cause instanceof ApiException)) {
      connection.renew()
      return new SlipwayError('cluster-unreachable', { what }, { cause })
    }
    const status = cause.code
    if (status === 401) {
      connection.renew()
      return new SlipwayError('cluster-forbidden', { what: `${what}: the token is not valid` }, { cause })
    }
    if (status === 403) return new SlipwayError('cluster-forbidden', { what }, { cause })
    if (status === 404) return new SlipwayError('cluster-not-found', { what }, { cause })
    if (away.has(status)) {
      const after = retryAfter((name) => cause.headers[name])
      return new SlipwayError('cluster-unreachable', { what, ...(after !== undefined && { after }) }, { cause })
    }
    return new SlipwayError('cluster-refused', { what, status }, { cause })
  }
  return {
    async read<T>(what: string, call: () => Promise<T>): Promise<T> {
      try {
        return await call()
      } catch (cause) {
        throw failed(what, cause)
      }
    },
    async patch(what: string, call: () => Promise<unknown>): Promise<PatchAnswer> {
      try {
        await call()
        return 'written'
      } catch (cause) {
        if (cause instanceof ApiException && (cause.code === 409 || cause.code === 422)) return cause.code
        throw failed(what, cause)
      }
    },
  }
}

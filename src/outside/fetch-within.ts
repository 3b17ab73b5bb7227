import { SlipwayError } from '../errors.ts'

/** A request to an address of the configuration within a time limit (ms); `address-unreachable` for no answer at all. */
export async function fetchWithin(url: string, timeout: number, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(url, { redirect: 'manual', ...init, signal: AbortSignal.timeout(timeout) })
  } catch (cause) {
    throw new SlipwayError('address-unreachable', { url }, { cause })
  }
}

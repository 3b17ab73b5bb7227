import { z } from 'zod'
import { SlipwayError } from '../errors.ts'
import { fetchWithin } from './fetch-within.ts'

const answer = z.looseObject({ lastSuccess: z.iso.datetime({ offset: true }) })

/**
 * When something last succeeded by what an address answers, in ms since 1970, or why that can't be told from it.
 * @throws SlipwayError `address-unreachable`, or `address-refused` when it answers that it failed itself.
 */
export async function lastSuccess(
  url: string,
  timeout: number,
): Promise<{ readonly at: number } | { readonly why: string }> {
  const response = await fetchWithin(url, timeout)
  const body: unknown = await response.json().catch(() => null)
  if (response.status >= 500) throw new SlipwayError('address-refused', { url, status: response.status })
  if (!response.ok) return { why: `it answers ${response.status}` }
  const read = answer.safeParse(body)
  return read.success ? { at: Date.parse(read.data.lastSuccess) } : { why: 'it answers without lastSuccess' }
}

import { z } from 'zod'
import type { Secret } from '../config/secret.ts'
import { SlipwayError } from '../errors.ts'
import { fetchWithin } from './fetch-within.ts'

const spaces = z.looseObject({ results: z.array(z.looseObject({ id: z.coerce.string(), key: z.string() })) })
const permitted = z.looseObject({
  operations: z.array(z.looseObject({ operation: z.string(), targetType: z.string() })),
})

/**
 * May Slipway's user write pages in a space of Confluence Cloud (REST API v2)? Null when it sees no such space. `confluence` is
 * the site's address with `/wiki`. @throws SlipwayError `address-unreachable` or `address-refused`.
 */
export async function mayWriteSpace(
  confluence: string,
  key: string,
  credentials: Secret | undefined,
  timeout: number,
): Promise<boolean | null> {
  const site = confluence.replace(/\/$/, '')
  const basic = credentials && `Basic ${Buffer.from(credentials.reveal()).toString('base64')}`

  async function read<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    const url = `${site}/api/v2${path}`
    const response = await fetchWithin(url, timeout, { headers: basic === undefined ? {} : { authorization: basic } })
    const found = schema.safeParse(await response.json().catch(() => null))
    if (!response.ok || !found.success)
      throw new SlipwayError('address-refused', { url: confluence, status: response.status })
    return found.data
  }

  const { results } = await read(`/spaces?keys=${encodeURIComponent(key)}`, spaces)
  const space = results.find((one) => one.key === key)
  if (space === undefined) return null
  const { operations } = await read(`/spaces/${encodeURIComponent(space.id)}/operations`, permitted)
  return operations.some(({ operation, targetType }) => operation === 'create' && targetType === 'page')
}

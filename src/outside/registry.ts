import { z } from 'zod'
import type { Secret } from '../config/secret.ts'
import { SlipwayError } from '../errors.ts'
import { fetchWithin } from './fetch-within.ts'

/** Images come as one manifest, or as a list of one for each platform. */
const accept = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

const token = z.union([
  z.looseObject({ token: z.string() }).transform((answer) => answer.token),
  z.looseObject({ access_token: z.string() }).transform((answer) => answer.access_token),
])

export interface RegistryOptions {
  /** Time limit of each request, in ms. */
  readonly timeout: number
  /** `user:password`; without it the registry is asked as anybody. */
  readonly credentials?: Secret
}

/**
 * Asks a registry for an image's manifest (HTTP API v2): its digest (empty where the registry does not tell), or null when it
 * has none. @throws SlipwayError `address-unreachable` or `registry-refused`.
 */
export function createFindImage({ timeout, credentials }: RegistryOptions) {
  const basic = () =>
    credentials === undefined ? {} : { authorization: `Basic ${Buffer.from(credentials.reveal()).toString('base64')}` }

  /** What the registry wants to see, by its own challenge. Credentials go nowhere unencrypted but to the registry itself. */
  async function answerTo(challenge: string, registry: string): Promise<Record<string, string>> {
    if (!/^bearer /i.test(challenge)) return basic()
    const part = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1]
    const realm = URL.parse(part('realm') ?? '')
    if (realm === null) throw new SlipwayError('registry-refused', { registry, status: 401 })
    for (const name of ['service', 'scope']) {
      const value = part(name)
      if (value !== undefined) realm.searchParams.set(name, value)
    }
    const known = realm.protocol === 'https:' || realm.origin === new URL(registry).origin
    const answer = await fetchWithin(realm.href, timeout, { headers: known ? basic() : {} })
    const found = token.safeParse(await answer.json().catch(() => null))
    if (!found.success) throw new SlipwayError('registry-refused', { registry, status: answer.status })
    return { authorization: `Bearer ${found.data}` }
  }

  return async (registry: string, repository: string, reference: string): Promise<string | null> => {
    const url = `${registry.replace(/\/$/, '')}/v2/${repository}/manifests/${reference}`
    const ask = (headers: Record<string, string>) =>
      fetchWithin(url, timeout, { method: 'HEAD', headers: { accept, ...headers } })
    const first = await ask({})
    const challenge = first.headers.get('www-authenticate')
    const last = first.status === 401 && challenge !== null ? await ask(await answerTo(challenge, registry)) : first
    if (last.status === 404) return null
    if (last.status !== 200) throw new SlipwayError('registry-refused', { registry, status: last.status })
    return last.headers.get('docker-content-digest') ?? ''
  }
}

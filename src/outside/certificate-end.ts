import { once } from 'node:events'
import { connect, type DetailedPeerCertificate } from 'node:tls'
import { SlipwayError } from '../errors.ts'

/**
 * When the first certificate of the chain that an https address serves runs out, in ms since 1970. Whether the chain is trusted is not
 * asked here: whoever speaks to the address finds that out. @throws SlipwayError `address-unreachable`.
 */
export async function certificateEnd(url: string, timeout: number): Promise<number> {
  const { hostname, port } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  const servername = /^[\d.]+$|:/.test(host) ? {} : { servername: host }
  const socket = connect({ host, port: Number(port || 443), rejectUnauthorized: false, ...servername })
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(timeout) })
    const ends = chainOf(socket.getPeerCertificate(true)).map((one) => Date.parse(one.valid_to))
    const [first] = ends.toSorted((a, b) => a - b)
    if (first === undefined || Number.isNaN(first)) throw new Error('no certificate')
    return first
  } catch (cause) {
    throw new SlipwayError('address-unreachable', { url }, { cause })
  } finally {
    socket.destroy()
  }
}

/** The certificates of a chain, each once: a root is its own issuer. */
function chainOf(leaf: DetailedPeerCertificate): readonly DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = []
  for (
    let one: DetailedPeerCertificate | undefined = leaf;
    one?.fingerprint256 !== undefined && !chain.some((known) => known.fingerprint256 === one?.fingerprint256);
    one = one.issuerCertificate
  )
    chain.push(one)
  return chain
}

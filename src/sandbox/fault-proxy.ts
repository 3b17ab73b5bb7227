import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { z } from 'zod'
import { around, type Random } from './service/random.ts'

/**
 * What goes wrong between a client and its target. `cut`: connections are reset, new ones too. `stall`: new connections are
 * accepted, and no byte goes either way. `half`: what the client sends arrives, the answers are lost. `answer`: whatever the
 * client sends is answered with the text, and the connection ends. `slow`: every piece takes `delay` ms, give or take `jitter`
 * (a share of it), each way.
 */
export type LinkFault =
  | { readonly kind: 'cut' | 'stall' | 'half' }
  | { readonly kind: 'answer'; readonly text: string }
  | { readonly kind: 'slow'; readonly delay: number; readonly jitter: number }

/** Stands on a port of its own before a target and passes bytes on, TLS as it is. */
export interface FaultProxy {
  readonly port: number
  /**
   * What goes wrong from now on, with present connections too; null ends it. A connection that lost bytes is reset then:
   * nothing comes late, and no answer is taken for another one's.
   */
  setFault(fault: LinkFault | null): void
  /** Connections that were reset or lost bytes so far. */
  hit(): number
  close(): Promise<void>
}

export interface FaultProxyOptions {
  /** Default: any free one. */
  readonly port?: number
  readonly target: number
  readonly random: Random
  /**
   * An address in the answers that would lead past the proxy, and what stands there instead, of the same length: what has
   * been said of a text's length stays true.
   */
  readonly instead?: readonly [shown: string, instead: string]
}

interface Link {
  readonly client: Socket
  readonly server: Socket
  /** Bytes were lost: it can't go on. */
  lost: boolean
}

const loopback = '127.0.0.1'

/** Starts a proxy on loopback. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const { target, random, instead } = options
  const links = new Set<Link>()
  let fault: LinkFault | null = null
  let hit = 0

  const server = createServer((client) => {
    if (fault?.kind === 'cut') {
      hit += 1
      client.resetAndDestroy()
      return
    }
    client.setNoDelay(true)
    const upstream = connect({ host: loopback, port: target, noDelay: true })
    const link: Link = { client, server: upstream, lost: fault?.kind === 'stall' }
    links.add(link)
    carry(link, client, upstream, (bytes) => bytes)
    carry(link, upstream, client, (bytes) => (instead === undefined ? bytes : rename(bytes, instead)))
  })

  /** Passes on what `from` sends, in order, for as long as both sides stand. */
  function carry(link: Link, from: Socket, to: Socket, change: (bytes: Buffer) => Buffer): void {
    let before = Promise.resolve()
    from.on('data', (bytes) => {
      const present = fault
      if (present?.kind === 'stall' || (present?.kind === 'half' && from === link.server)) {
        link.lost = true
      } else if (present?.kind === 'answer') {
        // Once a connection: an answer to what came in pieces would be taken for the next one's.
        if (from === link.client && !link.lost) link.client.end(present.text)
        link.lost = true
      } else if (present?.kind === 'slow') {
        before = inTurn(before, present.delay * around(random, present.jitter), () => to.write(change(bytes)))
      } else {
        before = before.then(() => void to.write(change(bytes)))
      }
    })
    // Whatever ended it, it ends with `close`.
    from.on('error', () => undefined)
    from.on('close', () => {
      // What one side sent before it went is still under way: a request may arrive after its sender has given up.
      before = before.then(() => {
        links.delete(link)
        to.destroySoon()
      })
    })
  }

  function reset(link: Link): void {
    hit += 1
    links.delete(link)
    link.client.resetAndDestroy()
    link.server.destroy()
  }

  server.listen(options.port ?? 0, loopback)
  await once(server, 'listening')
  const { port } = z.object({ port: z.int() }).parse(server.address())
  return {
    port,
    setFault(next) {
      fault = next
      for (const link of [...links]) if (link.lost || next?.kind === 'cut') reset(link)
    },
    hit: () => hit,
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const link of [...links]) reset(link)
      await closed
    },
  }
}

/** Pieces that were sent at once arrive one after the other, each no earlier than its own delay. */
async function inTurn(before: Promise<void>, delay: number, pass: () => void): Promise<void> {
  const arrival = new Promise((resolve) => setTimeout(resolve, delay))
  await before
  await arrival
  pass()
}

/** The bytes with the address replaced, where they hold it. */
function rename(bytes: Buffer, [shown, instead]: readonly [string, string]): Buffer {
  if (shown.length !== instead.length) throw new Error(`${instead} is not as long as ${shown}`)
  const text = bytes.toString('latin1')
  return text.includes(shown) ? Buffer.from(text.replaceAll(shown, instead), 'latin1') : bytes
}

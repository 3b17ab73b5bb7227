import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'

/** Below the range that Linux takes for outgoing connections, so that none of those takes the port in between. */
const lowest = 20_000
const highest = 32_000

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    // All interfaces: some of the programs can't be told to listen on loopback only.
    server.listen(port, () => server.close(() => resolve(true)))
  })
}

/**
 * Keeps a port from everybody else who asks here, in whichever process, for as long as this process lives: nobody need listen
 * on it yet, and what listens may stop and start again. Its sign is a datagram socket of the same number, which is in nobody's way.
 */
export function keepPort(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const sign = createSocket('udp4')
    sign.once('error', () => {
      sign.close()
      resolve(false)
    })
    sign.bind({ address: '127.0.0.1', port, exclusive: true }, () => {
      sign.unref()
      resolve(true)
    })
  })
}

/** A port that nobody listens on, and that nobody else is given. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, highest)
    if ((await keepPort(port)) && (await isFree(port))) return port
  }
}

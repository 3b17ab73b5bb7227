import { randomInt } from 'node:crypto'
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

/** A port that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, highest)
    if (await isFree(port)) return port
  }
}

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { z } from 'zod'

const address = z.object({ port: z.int() })

/** Stands before a system that listens; while it is shut, nobody answers there. */
export interface Gate {
  readonly port: number
  open(): void
  shut(): void
  close(): Promise<void>
}

/** A gate before an address; shut at first. */
export async function startGate(target: string): Promise<Gate> {
  const { hostname: host, port } = new URL(target)
  const sockets = new Set<Socket>()
  let isOpen = false
  const server = createServer((incoming) => {
    if (!isOpen) {
      incoming.destroy()
      return
    }
    const outgoing = connect(Number(port), host)
    for (const [one, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(one)
      one
        .on('error', () => other.destroy())
        .on('close', () => {
          sockets.delete(one)
          other.destroy()
        })
      one.pipe(other)
    }
  })
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: address.parse(server.address()).port,
    open: () => {
      isOpen = true
    },
    shut() {
      isOpen = false
      cut()
    },
    async close() {
      server.close()
      cut()
      await once(server, 'close')
    },
  }
}

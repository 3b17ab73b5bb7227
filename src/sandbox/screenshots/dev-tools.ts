import { z } from 'zod'

const answer = z.object({
  id: z.number(),
  result: z.record(z.string(), z.unknown()).optional(),
  error: z.object({ message: z.string() }).optional(),
})
const evaluated = z.object({
  result: z.object({ value: z.unknown() }),
  exceptionDetails: z.looseObject({ text: z.string() }).optional(),
})

type Waiting = PromiseWithResolvers<Record<string, unknown>>

/** One tab of a Chromium, over its DevTools protocol. */
export class DevTools {
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, Waiting>()
  #last = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', (event) => this.#receive(String(event.data)))
    socket.addEventListener('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('Chromium closed the tab.'))
    })
  }

  /** @param url the tab's `webSocketDebuggerUrl`. */
  static async connect(url: string): Promise<DevTools> {
    const socket = new WebSocket(url)
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve())
      socket.addEventListener('error', () => reject(new Error('Chromium refused the connection.')))
    })
    return new DevTools(socket)
  }

  /** Calls a method of the protocol, such as `Page.navigate`. Throws what the protocol answers with. */
  call(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#last
    const waiting: Waiting = Promise.withResolvers()
    this.#waiting.set(id, waiting)
    this.#socket.send(JSON.stringify({ id, method, params }))
    return waiting.promise
  }

  /** The value of an expression in the page. Throws what the page throws. */
  async evaluate(expression: string): Promise<unknown> {
    const given = await this.call('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true })
    const { result, exceptionDetails } = evaluated.parse(given)
    if (exceptionDetails) throw new Error(`In the page: ${JSON.stringify(exceptionDetails)}`)
    return result.value
  }

  close(): void {
    this.#socket.close()
  }

  #receive(text: string): void {
    const received = answer.safeParse(JSON.parse(text))
    // The rest are events; nobody here listens to them.
    if (!received.success) return
    const { id, result, error } = received.data
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error) waiting?.reject(new Error(error.message))
    else waiting?.resolve(result ?? {})
  }
}

import { z } from 'zod'
import { type Breakable, carryOut } from './orders.ts'
import { channelId, slackApp } from './slack-workspace.ts'

const command = z.object({
  type: z.literal('slash_commands'),
  envelope_id: z.string(),
  payload: z.object({ command: z.literal('/sandbox'), text: z.string(), user_id: z.string() }),
})
const opened = z.object({ ok: z.literal(true), url: z.string() })

/**
 * Listens for `/sandbox` in the workspace. local-slack sends each envelope to every connection of the app, so this is
 * a second connection of Slipway's app that answers to nothing but `/sandbox`: nobody has to choose an app on the page.
 */
export interface SandboxCommand {
  stop(): void
}

/**
 * Starts listening for `/sandbox …`. What changes something is told to the channel, the rest to who asked. `apiUrl` is the
 * workspace's Web API, which stays well while Slack is made unwell for Slipway.
 */
export async function startSandboxCommand(apiUrl: string, on: Breakable): Promise<SandboxCommand> {
  const call = async (method: string, token: string, body: unknown): Promise<unknown> => {
    const response = await fetch(`${apiUrl}${method}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(5_000),
    })
    return response.json()
  }
  const { url } = opened.parse(await call('apps.connections.open', slackApp.appToken, {}))
  const socket = new WebSocket(url)
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve())
    socket.addEventListener('error', () => reject(new Error('The workspace refused the connection for /sandbox.')))
  })
  socket.addEventListener('message', async (event) => {
    const received = command.safeParse(JSON.parse(String(event.data)))
    if (!received.success) return
    const { envelope_id, payload } = received.data
    const { text, outcome } = carryOut(payload.text, on)
    if (outcome !== 'changed') {
      socket.send(JSON.stringify({ envelope_id, payload: { response_type: 'ephemeral', text } }))
      return
    }
    socket.send(JSON.stringify({ envelope_id }))
    await call('chat.postMessage', slackApp.botToken, { channel: channelId, username: 'Sandbox', text })
  })
  return { stop: () => socket.close() }
}

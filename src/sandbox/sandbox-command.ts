import { z } from 'zod'
import { type Breakage, breakageEffects, breakagePlaces, breakages } from './service/breakage.ts'
import type { SimulatedService } from './service/simulated-service.ts'
import { channelId, slackApp } from './slack-workspace.ts'

const command = z.object({
  type: z.literal('slash_commands'),
  envelope_id: z.string(),
  payload: z.object({ command: z.literal('/sandbox'), text: z.string(), user_id: z.string() }),
})
const opened = z.object({ ok: z.literal(true), url: z.string() })
const order = z.union([
  z.tuple([z.literal('break'), z.enum(breakages)]),
  z.tuple([z.literal('break'), z.enum(breakages), z.enum(breakagePlaces)]),
  z.tuple([z.literal('heal')]),
])

const usage = [
  `\`/sandbox break ${breakages.join('|')} [${breakagePlaces.join('|')}]\` breaks the service, by default in the canary.`,
  '`/sandbox heal` mends it.',
].join('\n')

/**
 * Listens for `/sandbox` in the workspace. local-slack sends each envelope to every connection of the app, so this is
 * a second connection of Slipway's app that answers to nothing but `/sandbox`: nobody has to choose an app on the page.
 */
export interface SandboxCommand {
  stop(): void
}

/** Starts listening for `/sandbox break …` and `/sandbox heal`. `apiUrl` is the workspace's Web API. */
export async function startSandboxCommand(apiUrl: string, service: SimulatedService): Promise<SandboxCommand> {
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
    const wanted = order.safeParse(payload.text.trim().split(/\s+/))
    if (!wanted.success) {
      socket.send(JSON.stringify({ envelope_id, payload: { response_type: 'ephemeral', text: usage } }))
      return
    }
    socket.send(JSON.stringify({ envelope_id }))
    const text = carryOut(wanted.data, service)
    await call('chat.postMessage', slackApp.botToken, { channel: channelId, username: 'Sandbox', text })
  })
  return { stop: () => socket.close() }
}

function carryOut(wanted: z.infer<typeof order>, service: SimulatedService): string {
  if (wanted[0] === 'heal') return healed(service)
  const [, what, place = 'canary'] = wanted
  const hit = service.break(what, place)
  const where = place === 'both' ? 'both tracks' : `the ${place === 'stable' ? 'stable track' : place} (${hit.join()})`
  return `Broke ${what} in ${where}: ${breakageEffects[what]} Mend it with \`/sandbox heal\`.`
}

function healed(service: SimulatedService): string {
  const was = service.heal()
  const mended: readonly Breakage[] = breakages.filter((what) => was.blue.has(what) || was.green.has(what))
  return mended.length === 0 ? 'Nothing was broken.' : `Mended ${mended.join(', ')}: the service is healthy again.`
}

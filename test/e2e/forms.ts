import { once } from 'node:events'
import { expect } from 'vitest'
import { z } from 'zod'
import type { World } from '../../src/sandbox/world.ts'

const view = z.looseObject({ callback_id: z.string(), blocks: z.array(z.unknown()) })
const options = z.array(z.object({ value: z.string(), text: z.object({ text: z.string() }) }))
const told = z.union([
  z.object({ t: z.literal('init'), state: z.object({ modalStack: z.array(view) }) }),
  z.object({ t: z.literal('view'), stack: z.array(view).default([]) }),
  z.object({ t: z.literal('home'), user: z.string(), view: z.looseObject({ blocks: z.array(z.unknown()) }) }),
  z.object({ t: z.literal('view_errors'), errors: z.record(z.string(), z.string()) }),
])

/** What a person sees and does in a modal of the local workspace, which shows one at a time. */
export interface Forms {
  /** Waits for the form of this name and gives what it says. */
  opened(name: string): Promise<string>
  /** What the radio buttons offer. */
  choices(): readonly string[]
  /** Sends the form, without waiting for what becomes of it. */
  send(user: string, values: Readonly<Record<string, unknown>>): void
  /** Waits until the form says what is wrong with one of its blocks. */
  mistake(block: string, words: RegExp): Promise<void>
  closed(): Promise<void>
  /** Opens App Home for a person, and waits until it says this. */
  home(user: string, words: RegExp): Promise<void>
  close(): void
}

/** Text that was typed into `block`, as local-slack wants it. */
export const typed = (block: string, value: string) => ({ [block]: { [block]: { type: 'plain_text_input', value } } })
/** An option that was chosen. */
export const chosen = (value: string) => ({
  choice: { choice: { type: 'radio_buttons', selected_option: { value } } },
})

const limit = { timeout: 60_000, interval: 50 }

export async function openForms(world: World): Promise<Forms> {
  const socket = new WebSocket(`${world.urls.slack.replace('http', 'ws')}/ui`)
  let shown: z.infer<typeof view> | undefined
  const homes = new Map<string, string>()
  let errors: Readonly<Record<string, string>> = {}
  socket.addEventListener('message', ({ data }) => {
    const message = told.safeParse(JSON.parse(String(data)))
    if (!message.success) return
    if (message.data.t === 'view_errors') errors = message.data.errors
    else if (message.data.t === 'home') homes.set(message.data.user, JSON.stringify(message.data.view))
    else {
      shown = (message.data.t === 'init' ? message.data.state.modalStack : message.data.stack).at(-1)
      errors = {}
    }
  })
  await once(socket, 'open')
  return {
    async opened(name) {
      await expect.poll(() => shown?.callback_id, limit).toBe(name)
      return JSON.stringify(shown)
    },
    choices() {
      const found = options.array().parse((shown?.blocks ?? []).flatMap((block) => optionsOf(block)))
      return found.flat().map(({ value }) => value)
    },
    send: (user, values) => socket.send(JSON.stringify({ t: 'view_submit', user, values })),
    async mistake(block, words) {
      await expect.poll(() => errors[block], limit).toMatch(words)
    },
    async closed() {
      await expect.poll(() => shown, limit).toBeUndefined()
    },
    async home(user, words) {
      homes.delete(user)
      await fetch(`${world.urls.slack}/_control/open-home`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ user }),
      })
      await expect.poll(() => homes.get(user), limit).toMatch(words)
    },
    close: () => socket.close(),
  }
}

const withOptions = z.looseObject({ element: z.looseObject({ options: z.array(z.unknown()) }) })

function optionsOf(block: unknown): readonly unknown[] {
  const found = withOptions.safeParse(block)
  return found.success ? [found.data.element.options] : []
}

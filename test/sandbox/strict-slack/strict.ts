import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { startKeeper } from '../../../src/sandbox/keeper.ts'
import { manifestScopes } from '../../../src/sandbox/manifest-scopes.ts'
import { channelId, slackApp, startSlack } from '../../../src/sandbox/slack-workspace.ts'
import { type StrictSlack, startStrictSlack } from '../../../src/sandbox/strict-slack/strict-slack.ts'

/** What Slack said. */
export interface Said {
  readonly status: number
  readonly retryAfter: string | null
  readonly body: Readonly<Record<string, unknown>>
}

/** The strict layer before the real local workspace, by a clock that a test sets. */
export interface Strict {
  readonly slack: StrictSlack
  /** Address of the workspace behind. */
  readonly behind: string
  /** In ms. */
  time: number
  /** Calls a method, by default with the bot token and as JSON. A token of null is left out. */
  call(method: string, args: object, token?: string | null): Promise<Said>
  /** The same as the libraries send it. */
  callByForm(method: string, args: Readonly<Record<string, string>>): Promise<Said>
  post(args: object): Promise<Said>
  /** Texts of the channel's messages. */
  texts(): Promise<readonly string[]>
  /** The files of the channel's messages. */
  files(): Promise<readonly { readonly name: string; readonly content: string }[]>
  stop(): Promise<void>
}

const said = z.record(z.string(), z.unknown())
const file = z.object({ name: z.string(), url_private: z.string() })
const messages = z.object({ messages: z.array(z.object({ text: z.string(), files: z.array(file).default([]) })) })

export async function startStrict(): Promise<Strict> {
  const dir = mkdtempSync(join(tmpdir(), 'slipway-test-'))
  const keeper = startKeeper(dir)
  const roles = { sre: { title: 'SRE', users: ['U1'] }, commander: { title: 'Commander', users: ['U2'] } }
  const workspace = await startSlack(dir, { slack: { channel: '#releases', timeout: 5_000 }, roles }, keeper)
  const behind = new URL(workspace.lenientApiUrl).origin
  const { botUserId: bot, botToken, appToken } = slackApp
  const slack = await startStrictSlack({
    target: behind,
    bot,
    botToken,
    appToken,
    botScopes: await manifestScopes(),
    userGroups: workspace.strict.userGroups,
    now: () => strict.time,
  })
  const send = async (method: string, body: string, type: string, token: string | null): Promise<Said> => {
    const response = await fetch(`${slack.apiUrl}${method}`, {
      method: 'POST',
      headers: { 'content-type': type, ...(token !== null && { authorization: `Bearer ${token}` }) },
      body,
    })
    const { status, headers } = response
    return { status, retryAfter: headers.get('retry-after'), body: said.parse(await response.json()) }
  }
  const strict: Strict = {
    slack,
    behind,
    time: 1_000_000,
    call: (method, args, token = botToken) => send(method, JSON.stringify(args), 'application/json', token),
    callByForm: (method, args) =>
      send(method, new URLSearchParams(args).toString(), 'application/x-www-form-urlencoded', botToken),
    post: (args) => strict.call('chat.postMessage', { channel: channelId, ...args }),
    async texts() {
      const response = await fetch(`${slack.url}/_control/messages/${channelId}`)
      return messages.parse(await response.json()).messages.map(({ text }) => text)
    },
    async files() {
      const response = await fetch(`${slack.url}/_control/messages/${channelId}`)
      const files = messages.parse(await response.json()).messages.flatMap((one) => one.files)
      const headers = { authorization: `Bearer ${botToken}` }
      return Promise.all(
        files.map(async ({ name, url_private }) => {
          return { name, content: await (await fetch(url_private, { headers })).text() }
        }),
      )
    },
    async stop() {
      await slack.close()
      await workspace.stop()
      await keeper.finish()
    },
  }
  return strict
}

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Keeper, startKeeper } from '../../src/sandbox/keeper.ts'
import { SlackDriver, wordsOf } from '../../src/sandbox/slack-driver.ts'
import { channelId, type SlackWorkspace, slackApp, startSlack, userOf } from '../../src/sandbox/slack-workspace.ts'

const envelope = z.object({ envelope_id: z.string(), type: z.string(), payload: z.unknown() })
const sre = userOf('sre')

describe('the driver', () => {
  let keeper: Keeper
  let workspace: SlackWorkspace
  let slack: SlackDriver
  let socket: WebSocket
  const received: z.infer<typeof envelope>[] = []

  async function call(method: string, body: unknown): Promise<{ ts?: string; url?: string }> {
    const response = await fetch(`${workspace.lenientApiUrl}${method}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${slackApp.botToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return z.object({ ts: z.string().exactOptional(), url: z.string().exactOptional() }).parse(await response.json())
  }
  const post = async (body: object) => (await call('chat.postMessage', { channel: channelId, ...body })).ts ?? ''

  /** An app that acknowledges everything and remembers it. */
  beforeAll(async () => {
    const dir = mkdtempSync(join(tmpdir(), 'slipway-test-'))
    keeper = startKeeper(dir)
    const roles = { sre: { title: 'SRE', users: ['U1'] }, commander: { title: 'Deployment commander', users: ['U2'] } }
    workspace = await startSlack(dir, { slack: { channel: '#releases', timeout: 5_000 }, roles }, keeper)
    slack = new SlackDriver(workspace.url, channelId)
    socket = new WebSocket((await call('apps.connections.open', {})).url ?? '')
    await new Promise((resolve) => socket.addEventListener('open', resolve))
    socket.addEventListener('message', (event) => {
      const parsed = envelope.safeParse(JSON.parse(String(event.data)))
      if (!parsed.success) return
      received.push(parsed.data)
      socket.send(JSON.stringify({ envelope_id: parsed.data.envelope_id }))
    })
  })
  beforeEach(() => {
    received.length = 0
  })
  afterAll(async () => {
    socket.close()
    await workspace.stop()
    await keeper.finish()
  })

  test('types a slash command as somebody', async () => {
    await slack.command(sre, '/deploy rollback it is slow -f')
    await expect
      .poll(() => received)
      .toMatchObject([
        {
          type: 'slash_commands',
          payload: { command: '/deploy', text: 'rollback it is slow -f', user_id: sre, channel_id: channelId },
        },
      ])
  })

  test('says something, in a thread too', async () => {
    const ts = await post({ text: 'A card' })
    await slack.say(sre, `<@${slackApp.botUserId}> status`, ts)
    const isMention = z.object({ event: z.object({ type: z.literal('app_mention') }) })
    const mention = () => received.find((one) => isMention.safeParse(one.payload).success)?.payload
    await expect.poll(mention).toMatchObject({ event: { user: sre, thread_ts: ts } })
    expect((await slack.thread(ts)).map((one) => one.text)).toEqual(['A card', `<@${slackApp.botUserId}> status`])
  })

  test('clicks a button, with its block and value, also when the message has changed since', async () => {
    const button = (id: string) => ({
      type: 'button',
      action_id: id,
      value: `value of ${id}`,
      text: { type: 'plain_text', text: id },
    })
    const ts = await post({
      text: 'Plan',
      blocks: [
        { type: 'section', block_id: 'first', text: { type: 'mrkdwn', text: 'Words' }, accessory: button('more') },
        { type: 'actions', block_id: 'second', elements: [button('approve'), button('reject')] },
      ],
    })
    const shown = await slack.waitForMessage((one) => one.ts === ts, 20_000)
    expect(wordsOf(shown)).toContain('Words')
    await call('chat.update', { channel: channelId, ts, text: 'Decided', blocks: [] })
    await slack.click(sre, shown, 'reject')
    await slack.click(sre, shown, 'more')
    await expect
      .poll(() => received.map((one) => one.payload))
      .toMatchObject([
        {
          type: 'block_actions',
          user: { id: sre },
          container: { message_ts: ts },
          actions: [{ action_id: 'reject', block_id: 'second', value: 'value of reject' }],
        },
        { actions: [{ action_id: 'more', block_id: 'first', value: 'value of more' }] },
      ])
    await expect(slack.click(sre, shown, 'merge')).rejects.toMatchObject({ code: 'sandbox-nothing-to-click' })
    expect((await slack.waitForMessage((one) => one.ts === ts, 20_000)).text).toBe('Decided')
  })

  test('sees who sees what', async () => {
    await call('chat.postEphemeral', { channel: channelId, user: sre, text: 'Only for you' })
    expect((await slack.ephemerals(sre)).map((one) => one.text)).toEqual(['Only for you'])
    expect(await slack.ephemerals(userOf('commander'))).toEqual([])
  })

  test('waits for a message, and tells what came instead', async () => {
    const waiting = slack.waitForMessage((one) => one.text === 'At last', 20_000)
    await post({ text: 'At last' })
    expect((await waiting).text).toBe('At last')
    const never = slack.waitForMessage((one) => one.text === 'Never', 100)
    await expect(never).rejects.toThrow(/within 100 ms[\s\S]*At last/)
  })
})

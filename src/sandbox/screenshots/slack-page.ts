import { Buffer } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { until } from '../until.ts'
import type { Browser } from './browser.ts'
import type { DevTools } from './dev-tools.ts'
import type { Window } from './pictures.ts'
import { asSlackShows } from './slack-text.ts'

/** A message by its `ts`, and words that it shows once it is as it should be. */
interface Shown {
  readonly ts: string
  readonly words: RegExp
}

/** What is to be seen of the workspace. */
export interface View {
  /** Slack user who looks. */
  readonly as: string
  /** What the channel begins with. */
  readonly message: Shown
  /** What the message's thread begins with, where that is open. */
  readonly reply?: Shown
}

/** Long enough for the page to load and show something on a busy machine, in ms. */
const patience = 20_000

const besides = (name: string) => readFile(new URL(name, import.meta.url), 'utf8')

/** Takes a picture of a view in a window, as PNG. Throws when the view does not come about. */
export async function takePicture(browser: Browser, url: string, view: View, window: Window): Promise<Buffer> {
  const tab = await browser.newTab()
  try {
    await resize(tab, window, window.leastHeight)
    await tab.call('Emulation.setTimezoneOverride', { timezoneId: 'Etc/UTC' })
    await tab.call('Page.enable')
    await tab.call('Page.addScriptToEvaluateOnNewDocument', { source: await pageScript() })
    await tab.call('Page.navigate', { url })
    await done(tab, 'actAs', view.as)
    if (view.reply !== undefined) await done(tab, 'openThread', view.message.ts)
    await fitWindow(tab, view, window)
    const { data } = z.object({ data: z.string() }).parse(await tab.call('Page.captureScreenshot', { format: 'png' }))
    return Buffer.from(data, 'base64')
  } finally {
    tab.close()
  }
}

async function pageScript(): Promise<string> {
  const [script, styles] = await Promise.all([besides('in-page.js'), besides('in-page.css')])
  const addStyles = `addEventListener('DOMContentLoaded', () => {
    document.head.append(Object.assign(document.createElement('style'), { textContent: ${JSON.stringify(styles)} }))
  })`
  return [asSlackShows.toString(), addStyles, script].join('\n')
}

async function resize(tab: DevTools, { width, scale }: Window, height: number): Promise<void> {
  await tab.call('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: scale, mobile: false })
}

/** Brings both lists to where they begin, in a window that is just high enough for all from there on. */
async function fitWindow(tab: DevTools, { message, reply }: View, window: Window): Promise<void> {
  for (let height = window.leastHeight; ; ) {
    const channel = await done(tab, 'scrollTo', '.messages', message.ts, message.words.source)
    const thread = reply === undefined ? 0 : await done(tab, 'scrollTo', '.thread-body', reply.ts, reply.words.source)
    const wanted = Math.max(z.number().parse(channel), z.number().parse(thread), window.leastHeight)
    const next = Math.min(wanted, window.mostHeight)
    if (next === height) return
    height = next
    await resize(tab, window, height)
  }
}

/** Calls a part of in-page.js until it says that it is done. */
async function done(tab: DevTools, name: string, ...args: readonly string[]): Promise<unknown> {
  const call = `globalThis.pictures?.${name}(...${JSON.stringify(args)}) ?? null`
  const given = await until(async () => (await tab.evaluate(call)) ?? undefined, patience, 100)
  if (given === undefined) throw new Error(`The page did not get as far as ${name}(${args.join(', ')}).`)
  return given
}

import type { HomeView, KnownBlock } from '@slack/web-api'
import { timeText, withMentions } from './format.ts'
import { context, header, section } from './message.ts'

/** What App Home shows one person; plain words, one line each. */
export interface Home {
  readonly title: string
  readonly waiting: readonly string[]
  /** Where the release stands. */
  readonly status: readonly string[]
  readonly past: readonly string[]
  /** When it was looked up (ms since 1970). */
  readonly at: number
}

/** App Home as Slack shows it. */
export function homeView({ title, waiting, status, past, at }: Home): HomeView {
  const part = (name: string, lines: readonly string[]): KnownBlock[] =>
    lines.length === 0 ? [] : [section(`*${name}*\n${withMentions(lines.join('\n'))}`)]
  return {
    type: 'home',
    blocks: [
      header(title),
      ...part('What waits for you', waiting),
      ...part('Now', status),
      ...part('The last rollouts', past),
      context(`As of ${timeText(at)}; open this page again for a fresh look.`),
    ],
  }
}

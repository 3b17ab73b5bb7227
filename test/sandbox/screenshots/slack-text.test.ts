import { describe, expect, it } from 'vitest'
import { asSlackShows } from '../../../src/sandbox/screenshots/slack-text.ts'
import { escapeText, timeText } from '../../../src/slack/format.ts'

describe('a text as Slack shows it', () => {
  it('has times as the reader says them', () => {
    const at = Date.UTC(2026, 10, 25, 15, 4, 5)
    const shown = asSlackShows(`from ${timeText(at)} to ${timeText(at + 1_000)}.`)
    expect(shown).toMatch(/^from \d+:\d\d:05 [AP]M to \d+:\d\d:06 [AP]M\.$/)
  })

  it('has no entities, and only those of Slack', () => {
    expect(asSlackShows(escapeText('a < b && c > d &nbsp; &lt;'))).toBe('a < b && c > d &nbsp; &lt;')
  })

  it('can be handed to a page as source', () => {
    expect(new Function(`return (${asSlackShows})('1 &lt; 2')`)()).toBe('1 < 2')
  })
})

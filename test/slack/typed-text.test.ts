import { expect, test } from 'vitest'
import { parseCommand } from '../../src/slack/parse-command.ts'
import { typedText } from '../../src/slack/typed-text.ts'

test.each([
  ['pause a &lt;b&gt; &amp;amp; c', 'pause a <b> &amp; c'],
  ['handover <@U012AB3CD|bob.smith>', 'handover @U012AB3CD'],
  ['handover <@W012AB3CD>', 'handover @W012AB3CD'],
  ['reject see <#C012AB3CD|releases> and <#C9>', 'reject see #releases and #C9'],
  [
    'reject see <https://example.com/a?b=1&amp;c=2|example.com> or <https://example.com>',
    'reject see example.com or https://example.com',
  ],
  ['pause <!channel> <!here|here> <!subteam^S012AB3CD|@sre> <!subteam^S9>', 'pause @channel @here @sre @S9'],
  ['pause &lt;!channel&gt;', 'pause <!channel>'],
])('%s', (text, typed) => expect(typedText(text)).toBe(typed))

test('a handover names one person, by mention', () => {
  const parse = (text: string) => parseCommand(typedText(text))
  expect(parse('handover <@U012AB3CD|bob>')).toEqual({ ask: { kind: 'handover', to: 'U012AB3CD' } })
  expect(parse('handover')).toEqual({ mistake: expect.stringMatching(/^The person is missing\./) })
  for (const text of ['handover bob', 'handover <@U012AB3CD> <@U045EF6GH>'])
    expect(parse(text)).toEqual({ mistake: expect.stringContaining('somebody is named as @someone') })
})

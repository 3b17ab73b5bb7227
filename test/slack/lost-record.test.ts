import { expect, test } from 'vitest'
import { pageOf } from '../../src/jobs/page-texts.ts'
import { threadText } from '../../src/slack/texts.ts'
import type { Drive } from '../rollout/drive.ts'
import { at, parts, rollBack } from '../rollout/ways.ts'

/** What the thread and the page say of a lost record. */
function wordsOf(drive: Drive, weight: number): string {
  drive.say({ ...parts, type: 'record-newer-fence', weight, fence: { rollout: 1, version: 99 } })
  const event = drive.events.at(-1)
  if (event?.type !== 'record-lost') throw new Error('not lost')
  return `${threadText(event, drive.state)?.text} ${pageOf(event, drive.state, 'key').summary}`
}

test('a lost record says what to do: roll back, or accept what is everywhere', () => {
  expect(wordsOf(at('soaking'), 20)).toMatch(
    /Held: .* 20 % and is watched.*Roll back when you are ready.*waits for a person/,
  )
  expect(wordsOf(at('released'), 100)).toContain('Accept it as it stands, or roll back.')
})

test('while it is rolled back there is nothing to do', () => {
  const drive = at('soaking')
  rollBack(drive)
  const words = wordsOf(drive, 20)
  expect(words).toContain('The rollback goes on.')
  expect(words).not.toMatch(/Held|waits for a person|when you are ready/)
})

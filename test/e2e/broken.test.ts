import { afterAll, beforeAll, expect, test } from 'vitest'
import { order } from '../../src/sandbox/control.ts'
import { ledgerOf } from '../../src/sandbox/ledger-of.ts'
import { releaseTeam } from '../../src/sandbox/release-team.ts'
import { wordsOf } from '../../src/sandbox/slack-driver.ts'
import { startWorld, type World } from '../../src/sandbox/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld({ speed: 120 })
})
afterAll(() => world?.stop())

test('what only misses its target ends the soak waiting; systems that are away and back do no harm', async () => {
  const team = releaseTeam(world)
  await order('break data-consistency', world.dir)
  const card = await team.startRelease('5.1.0')
  await team.signPhase(card, 1)
  await team.hears(card, /The canary gets 5 %/)
  const waiting = await team.hears(card, /Waiting for a decision/)
  expect(wordsOf(waiting)).toContain('Data consistency')
  expect(wordsOf(waiting)).not.toContain('Error rate')

  expect(await order('heal data-consistency', world.dir)).toMatchObject({ outcome: 'changed' })
  await world.slack.click(world.users.commander ?? '', waiting, 'extend-soak')
  await order('break prometheus failing', world.dir)
  await team.hears(card, /Blind: the soak holds/)
  await order('heal prometheus', world.dir)
  await team.hears(card, /All metrics have numbers again/)
  const isReady = async () => (await fetch(`${world.urls.slipway}/readyz`)).status === 200
  for (const system of ['redis', 'slack'] as const) {
    await order(`break ${system} off`, world.dir)
    await expect.poll(isReady, { timeout: 30_000 }).toBe(false)
    await order(`heal ${system}`, world.dir)
    await expect.poll(isReady, { timeout: 30_000 }).toBe(true)
  }
  await team.hears(card, /Phase 1 passed/)
  const events = (await ledgerOf(world, 1)).map(({ type }) => type)
  expect(events.filter((type) => type === 'breach-confirmed' || type === 'rollback-ordered')).toEqual([])
  expect(events.filter((type) => type === 'soak-passed')).toHaveLength(1)
}, 180_000)

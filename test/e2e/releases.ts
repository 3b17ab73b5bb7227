import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { type ReleaseTeam, releaseTeam } from '../../src/sandbox/release-team.ts'
import { type SlackMessage, wordsOf } from '../../src/sandbox/slack-driver.ts'
import { startWorld, type World } from '../../src/sandbox/world.ts'
import { kubectl } from './hands.ts'

const alerts = `
alertmanager:
  alerts:
    - title: Checkout fails
      labels: { alertname: CheckoutFails }
`

/** Here a decision that nobody takes pages and rolls back: soon, but not before a slow machine has cleaned up. */
const hurried = (config: string) =>
  config.replace('pageAfter: 15m', 'pageAfter: 40m').replace('maxHold: 1h', 'maxHold: 80m')

/** One world for the tests of a file, in which a release after the other is started and taken back. */
export interface Releases {
  readonly world: () => World
  readonly team: () => ReleaseTeam
  /** Starts the next release, as soon as readiness is content, and has its first phase signed. `suffix` stands behind its version. */
  started(suffix?: string): Promise<SlackMessage>
  /** The same, with traffic. */
  canaryAt5(): Promise<SlackMessage>
  /** Everything is on stable again, nothing is left, and the next release may start. */
  isTakenBack(card: SlackMessage): Promise<void>
}

export function useReleases(): Releases {
  let world: World
  let team: ReleaseTeam
  let dir: string
  /** Each release has a version of its own. */
  let releases = 0

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-ends-'))
    const config = join(dir, 'deployment-config.yaml')
    await writeFile(config, `${hurried(await readFile('deployment-config.yaml', 'utf8'))}${alerts}`)
    world = await startWorld({ speed: 120, slackPace: 10, config })
    team = releaseTeam(world)
  })
  afterEach(() => {
    world.service.heal()
    expect(world.workspace.strict.refused).toEqual([])
  })
  afterAll(async () => {
    await world?.stop()
    await rm(dir, { recursive: true, force: true })
  })

  async function started(suffix = ''): Promise<SlackMessage> {
    releases += 1
    const card = await team.startRelease(`5.1.${releases}${suffix}`)
    await team.signPhase(card, 1)
    return card
  }

  return {
    world: () => world,
    team: () => team,
    started,
    async canaryAt5() {
      const card = await started()
      await team.hears(card, /The canary gets 5 %/)
      return card
    },
    async isTakenBack(card) {
      expect(wordsOf(await team.hears(card, /Rolled back\. Nothing to do now/))).toMatch(
        /All traffic on stable \(blue\)/,
      )
      await team.hears(card, /Cleaned up: green is scaled down to 0/)
      expect(await (await kubectl(world)).weights()).toEqual(['"weight":100', '"weight":0'])
    },
  }
}

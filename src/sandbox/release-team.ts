import type { SlackMessage } from './slack-driver.ts'
import { wordsOf } from './slack-driver.ts'
import type { World } from './world.ts'

/** Long enough for any single step on a busy machine, in ms. */
const patience = 120_000
/** How often readiness is asked until it is content: a busy machine may keep an answer from it, and what was broken shows for a while. */
const asks = 12

/** Plays the release team of a world: everybody does in Slack what their role asks for. */
export interface ReleaseTeam {
  /** Has readiness checked, again and again until it is content. */
  isReady(version: string): Promise<void>
  /** The same, then starts the rollout. Returns the card. */
  startRelease(version: string): Promise<SlackMessage>
  /** Asks for the phase where that is still to be done, and has every required role sign. */
  signPhase(card: SlackMessage, phase: number): Promise<void>
  /** Waits until the thread says something. */
  hears(card: SlackMessage, words: RegExp, limit?: number): Promise<SlackMessage>
}

export function releaseTeam(world: World): ReleaseTeam {
  const { slack, users, config } = world
  const user = (role: string) => users[role] ?? ''
  const asker = user(Object.keys(config.roles)[0] ?? '')

  async function hears(card: SlackMessage, words: RegExp, limit = patience): Promise<SlackMessage> {
    return slack.waitForMessage(
      (m) => m.thread_ts === card.ts && m.subtype !== 'ephemeral' && words.test(wordsOf(m)),
      limit,
    )
  }

  /** Somebody who may ask for a phase: in one where the requester may not sign, somebody who need not. */
  function askerOf(phase: number): string {
    const roles = config.release.phases[phase - 1]?.roles ?? []
    const other = Object.keys(config.roles).find((role) => !roles.includes(role))
    return other === undefined ? asker : user(other)
  }

  /** Types a command, and waits for the message in the channel that comes of it. */
  async function fresh(command: string, words: RegExp): Promise<SlackMessage> {
    const seen = new Set((await slack.messages()).map((m) => m.ts))
    await slack.command(asker, command)
    return slack.waitForMessage(
      (m) => !seen.has(m.ts) && m.thread_ts === undefined && m.subtype !== 'ephemeral' && words.test(m.text),
      patience,
    )
  }

  async function isReady(version: string, left = asks): Promise<void> {
    const report = await fresh(`/deploy readiness ${version}`, new RegExp(`${version}: (ready|NOT READY)`))
    if (!report.text.includes('NOT READY')) return
    if (left === 1) throw new Error(wordsOf(report))
    await isReady(version, left - 1)
  }

  return {
    hears,
    isReady: (version) => isReady(version),
    async startRelease(version) {
      await isReady(version)
      return fresh(`/deploy advance ${version}`, new RegExp(`${version}: (preparing|prepared|awaiting)`))
    },
    async signPhase(card, phase) {
      if (phase > 1) {
        await hears(card, new RegExp(`Phase ${phase - 1} passed`))
        await slack.command(askerOf(phase), '/deploy advance')
      }
      const plan = await hears(card, new RegExp(`Plan of phase ${phase} of`))
      const { roles = [], checkpoints = [] } = config.release.phases[phase - 1] ?? {}
      if (checkpoints.length > 0) {
        const list = await hears(card, new RegExp(`Checkpoints of phase ${phase}:`))
        for (const [index, { role }] of checkpoints.entries())
          await slack.click(user(role), list, `tick-off:${index + 1}`)
      }
      for (const role of roles) await slack.click(user(role), plan, 'approve')
      await hears(card, new RegExp(`Phase ${phase} of \\d+ starts`))
    },
  }
}

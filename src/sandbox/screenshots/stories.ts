import { releaseTeam } from '../release-team.ts'
import { type SlackMessage, wordsOf } from '../slack-driver.ts'
import { outsider } from '../slack-workspace.ts'
import type { World } from '../world.ts'
import type { Scene } from './pictures.ts'
import type { View } from './slack-page.ts'

/** A moment of a release that a picture is taken of; the story goes on afterwards. */
interface Moment {
  readonly scene: Scene
  readonly view: View
}

/** A release that is played in a world of its own. */
export interface Story {
  /** Divides every configured duration. */
  readonly speed: number
  play(world: World): AsyncGenerator<Moment>
}

/** Together they give every scene once. A whole release is played faster than life; the rest at its own pace. */
export const stories: readonly Story[] = [
  { speed: 1, play: playBreach },
  { speed: 60, play: playCompletion },
]

/** How long a moment may take to come at its own pace, in ms. */
const patience = 5 * 60_000

async function* playBreach(world: World): AsyncGenerator<Moment> {
  const { slack, users, config } = world
  const team = releaseTeam(world)
  const [asker = '', signer = ''] = config.release.phases[0]?.roles.map((role) => users[role] ?? '') ?? []
  const inChannel = (words: RegExp) =>
    slack.waitForMessage((m) => m.thread_ts === undefined && m.subtype !== 'ephemeral' && words.test(m.text), patience)

  await slack.command(asker, '/deploy readiness 5.1.0')
  const report = await inChannel(/: ready/)
  // The last of what its thread tells.
  await slack.waitForMessage((m) => m.thread_ts === report.ts && 'files' in m, patience)
  yield { scene: 'report', view: { as: asker, message: showing(report, /: ready/) } }

  await slack.click(asker, report, 'start')
  const card = await inChannel(/: awaiting sign-off/)
  const plan = await team.hears(card, /Plan of phase 1/)
  await slack.click(asker, plan, 'approve')
  await team.hears(card, /Signed off/)
  const missing = showing(card, /Needs sign-off: sre/)
  yield { scene: 'plan', view: { as: signer, message: missing, reply: showing(plan, /Approve/) } }

  await slack.click(signer, plan, 'approve')
  await slack.waitForMessage((m) => m.ts === card.ts && /Soak: ▰/.test(wordsOf(m)), patience)
  yield { scene: 'soak', view: { as: outsider.id, message: showing(card, /Soak: ▰/) } }

  world.service.break('error-rate')
  const breach = await team.hears(card, /Limit broken/, patience)
  await team.hears(card, /Paged/, patience)
  await team.hears(card, /Cleaned up/, patience)
  const over = showing(card, /: rolled back/)
  yield { scene: 'rollback', view: { as: outsider.id, message: over, reply: showing(breach, /Limit broken/) } }
}

async function* playCompletion(world: World): AsyncGenerator<Moment> {
  const team = releaseTeam(world)
  const card = await team.startRelease('5.1.0')
  for (const phase of world.config.release.phases) await team.signPhase(card, phase.number)
  const summary = await team.hears(card, /Complete:/)
  await team.hears(card, /Cleaned up/)
  const over = showing(card, /: complete/)
  yield { scene: 'summary', view: { as: outsider.id, message: over, reply: showing(summary, /Complete:/) } }
}

const showing = ({ ts }: SlackMessage, words: RegExp) => ({ ts, words })

import type { Event } from '../../src/rollout/events.ts'
import { evolve } from '../../src/rollout/evolve.ts'
import type { State } from '../../src/rollout/state.ts'
import { ledgerOf } from '../../src/sandbox/ledger-of.ts'
import type { SlackMessage } from '../../src/sandbox/slack-driver.ts'
import { until } from '../../src/sandbox/until.ts'
import type { World } from '../../src/sandbox/world.ts'
import { messageId } from '../../src/slack/reference.ts'
import { threadText } from '../../src/slack/texts.ts'

/** The `block_id`s of the announcements that the ledger calls for, in order. */
export function expectedIds(events: readonly Event[]): readonly string[] {
  let state: State | null = null
  return events.flatMap((event) => {
    state = evolve(state, event)
    const told = event.type === 'sign-off-requested' || threadText(event, state) !== null
    return told ? [messageId(event)] : []
  })
}

/** The `block_id`s by which the thread's messages show events, in the order of posting. One message may show several. */
async function postedIds(world: World, card: SlackMessage): Promise<readonly string[]> {
  const thread = await world.slack.thread(card.ts)
  return thread
    .filter((m) => m.ts !== card.ts)
    .flatMap((m) => m.blocks.map((block) => String(blockId(block))))
    .filter((id) => id.startsWith('event/'))
}

function blockId(block: unknown): unknown {
  return typeof block === 'object' && block !== null && 'block_id' in block ? block.block_id : undefined
}

/** Waits until the thread holds every announcement of the ledger, then returns both for comparison. */
export async function settledStory(world: World, card: SlackMessage, rollout: number) {
  const same = async () => {
    const [expected, posted] = [expectedIds(await ledgerOf(world, rollout)), await postedIds(world, card)]
    return expected.length <= posted.length ? { expected, posted } : undefined
  }
  const story = await until(same, 120_000)
  if (!story) return { expected: expectedIds(await ledgerOf(world, rollout)), posted: await postedIds(world, card) }
  return story
}

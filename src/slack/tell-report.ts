import { SlipwayError } from '../errors.ts'
import { type Told, tell } from '../jobs/failure.ts'
import type { World } from '../jobs/world.ts'
import { type Turn, waitForTurn } from '../ledger/pace.ts'
import type { ReadinessReport } from '../readiness/report.ts'
import type { Message } from './message.ts'
import { clocksDiffer, type Messenger } from './messenger.ts'
import { detailsMessages, fileMissingId, fileMissingMessage } from './report-details.ts'
import { progressMessage, reportMessage, reportMessageId } from './report-message.ts'

interface Telling {
  readonly world: Pick<World, 'config' | 'clock' | 'pace'>
  readonly messenger: Messenger
  /** An earlier try may have told some of it. */
  readonly tried: boolean
  /** Throws where another process may tell it by now: called right before each post. */
  readonly check: () => void
  /** For how long a post that was given up on may still appear, in ms. */
  readonly settles: number
}

interface Asked {
  readonly id: string
  /** When it was asked for, in ms since 1970; unknown of what an older Slipway has handed on. */
  readonly at?: number
  readonly version: string
  readonly user: { readonly id: string; readonly name: string }
}

/** How far back a card of an earlier try is looked for, in ms, where it is not known when the report was asked for. */
const lookBack = 3_600_000

/**
 * Tells a report in Slack: a card that shows progress and becomes the report, what was found in its thread by category, and all
 * of it as a file. What an earlier try has told is not told again.
 */
export async function tellReport(
  { world, messenger, tried, check, settles }: Telling,
  { id, at, version, user }: Asked,
  make: (onProgress: (done: number, all: number) => void) => Promise<ReadinessReport>,
): Promise<void> {
  const { pace, clock, config } = world
  // What an earlier try posted may still be on its way.
  if (tried) await clock.wait(settles)
  const root = reportMessageId(id)
  const turn = async (kind: Turn) => {
    await waitForTurn(pace, clock, kind)
    check()
  }
  const post = async (message: Message, thread?: string) => {
    await turn('post')
    return messenger.post(message, thread === undefined ? {} : { thread })
  }
  const since = at === undefined ? clock.now() - lookBack : at - clocksDiffer
  const earlier = tried ? (await messenger.find([root], { since })).get(root) : undefined
  const ts = earlier ?? (await post(progressMessage(config.title, version, id)))
  const progress = createProgress(world, messenger, ts, check, (done, all) =>
    progressMessage(config.title, version, id, { done, all }),
  )
  const report = await make(progress.told)
  await progress.end()
  await turn('edit')
  const thread = await editOr(messenger, ts, reportMessage(config.title, report, user), post)

  const details = detailsMessages(report)
  const file = {
    name: `readiness-${report.version}.json`,
    title: `Readiness of ${report.version}, for machines (${id})`,
  }
  const missing = fileMissingId(id)
  const ids = [...details.map((one) => one.id), file.title, missing]
  const there = tried ? await messenger.find(ids, { thread }) : new Map<string, string>()
  for (const { id, message } of details) if (!there.has(id)) await post(message, thread)
  if (there.has(file.title) || there.has(missing)) return
  await turn('post')
  const content = `${JSON.stringify(report, null, 2)}\n`
  const failure = await messenger.upload({ ...file, content }, thread).then(() => null, failureOf)
  if (failure === null) return
  // It may have come all the same. The report is told, with the file or without it.
  await clock.wait(settles)
  const came = (await messenger.find([file.title], { thread })).size > 0
  if (!came) await post(fileMissingMessage(report, failure), thread)
}

/** What a person is told of a failure; what passes by itself is thrown again, to be tried again. */
function failureOf(error: unknown): Told {
  if (error instanceof SlipwayError && error.code === 'slack-throttled') throw error
  return tell(error)
}

/** Brings a message up to date; where it was deleted meanwhile it is posted anew. Returns where it stands. */
async function editOr(
  messenger: Messenger,
  ts: string,
  message: Message,
  post: (message: Message) => Promise<string>,
): Promise<string> {
  try {
    await messenger.edit(ts, message)
    return ts
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code !== 'slack-refused') throw error
    return post(message)
  }
}

/** Shows on a message how far something is, as often as edits have room. */
function createProgress(
  { pace }: Telling['world'],
  messenger: Messenger,
  ts: string,
  check: () => void,
  messageOf: (done: number, all: number) => Message,
) {
  let editing: Promise<void> | null = null
  const edit = async (message: Message) => {
    // Most of what the report needs itself is left to it.
    if ((await pace.take('card')) > 0) return
    check()
    await messenger.edit(ts, message)
  }
  return {
    told(done: number, all: number): void {
      if (editing !== null || done === all) return
      // One that fails is made up for by the report itself.
      const ended = () => {
        editing = null
      }
      editing = edit(messageOf(done, all)).then(ended, ended)
    },
    /** Resolves when nothing is under way any more that could overwrite what is shown next. */
    async end(): Promise<void> {
      await editing
    },
  }
}

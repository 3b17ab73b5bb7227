import { z } from 'zod'
import { imageOf } from '../config/release-name.ts'
import { isSlackAway } from '../jobs/failure.ts'
import { leaseFor, whileRenewed } from '../jobs/while-renewed.ts'
import type { World } from '../jobs/world.ts'
import type { Answers } from '../ledger/answers.ts'
import type { RecordEntry } from '../ledger/record-entry.ts'
import type { Reports } from '../ledger/reports.ts'
import { categories } from '../readiness/category.ts'
import { outcomeHash } from '../readiness/changes.ts'
import type { CheckReadiness } from '../readiness/readiness.ts'
import type { ReadinessReport } from '../readiness/report.ts'
import { isOver } from '../rollout/state.ts'
import { failed } from './answer.ts'
import { type Wish, wish } from './ask.ts'
import type { Messenger } from './messenger.ts'
import { askedEntry, givenUp } from './on-record.ts'
import { tellAnswer, tellingOf } from './tell-answer.ts'
import { tellReport } from './tell-report.ts'

const order = z.object({
  id: z.string(),
  /** When it was asked for, in ms since 1970; an older Slipway does not say. */
  at: z.number().exactOptional(),
  version: z.string(),
  digest: z.string().exactOptional(),
  user: z.object({ id: z.string(), name: z.string() }),
  categories: z.array(z.enum(categories)).exactOptional(),
  /** A terminal waits for the report; nobody else is told. */
  terminal: z.literal(true).exactOptional(),
  /** The wish of one that has seen a report before: on record only where this one comes to something else. */
  watching: wish.exactOptional(),
})
type Order = z.infer<typeof order>

/** What the job is told, of the wish that asks for it. */
export function readinessOrder(asked: Wish, ask: Extract<Wish['ask'], { kind: 'readiness' }>): Order {
  const { id, at, user, from } = asked
  const { version, digest, categories: wanted } = ask
  const terminal = from?.via === 'terminal'
  const watching = ask.seen !== undefined
  return {
    id,
    at,
    version,
    user,
    ...(digest !== undefined && { digest }),
    ...(wanted && { categories: wanted }),
    ...(terminal && { terminal }),
    ...(watching && { watching: asked }),
  }
}

interface Parts {
  readonly world: Pick<World, 'config' | 'clock' | 'rollouts' | 'leases' | 'pace' | 'record'>
  readonly messenger: Messenger
  readonly reports: Reports
  readonly checkReadiness: CheckReadiness
  readonly answers: Pick<Answers, 'leave'>
  /** Is told of what has gone on record. */
  readonly onRecord: (entry: RecordEntry) => void
  /** For how long a post that was given up on may still appear, in ms. */
  readonly settles: number
}

/**
 * Makes a report and tells it: to the terminal that asked, or in Slack. `tried`: an earlier try may have told some of it; `last`: what fails now
 * is told to whoever asked, and not tried again.
 */
export function createReadinessJob({ world, messenger, reports, checkReadiness, answers, onRecord, settles }: Parts) {
  /** An earlier try's report where it has made one, so that all that is told is of one report. */
  async function reportOf(asked: Order, onProgress?: (done: number, all: number) => void): Promise<ReadinessReport> {
    const { id, version, categories: wanted } = asked
    const before = await reports.find(version)
    if (before?.id === id) return before
    const open = await world.rollouts.current()
    const report = await checkReadiness({
      ...{ id, version, image: imageOf(world.config, asked) },
      ...(wanted && { categories: wanted }),
      ...(open?.parts && !isOver(open) && { stable: open.parts.stable }),
      ...(onProgress && { onProgress }),
    })
    // A part of the checks allows no start.
    if (wanted === undefined) await reports.save(report)
    return report
  }

  async function recordChange(asked: Wish, report: ReadinessReport): Promise<void> {
    if (asked.ask.kind !== 'readiness' || asked.ask.seen === outcomeHash(report)) return
    const text = `${report.version} is ${report.judgement}: what its checks come to has changed.`
    onRecord(await world.record.append(askedEntry(asked, { text })))
  }

  async function tellGivenUp({ id, at = world.clock.now(), user, terminal }: Order, error: unknown): Promise<void> {
    const answer = failed(givenUp(error))
    if (terminal) await answers.leave(id, { text: answer.text, refused: true })
    else await tellAnswer(messenger, tellingOf({ id: `${id}/given-up`, at, user }, answer), world.clock.now())
  }

  async function carryOut(asked: Order, tried: boolean): Promise<'done' | 'again'> {
    if (asked.terminal) {
      const report = await reportOf(asked)
      if (asked.watching !== undefined) await recordChange(asked.watching, report)
      await answers.leave(asked.id, { text: report.judgement, refused: false, report })
      return 'done'
    }
    // Whoever stands still while it is at it is followed by another process: each message is one of theirs.
    const at = world.clock.now()
    const lease = await world.leases.take(`readiness-${asked.id}`, leaseFor)
    if (lease === null) return 'again'
    await whileRenewed(world.clock, lease, at, (check) =>
      tellReport({ world, messenger, tried, check, settles }, asked, (onProgress) => reportOf(asked, onProgress)),
    )
    await lease.release()
    return 'done'
  }

  return async (data: unknown, tried: boolean, last: boolean): Promise<'done' | 'again'> => {
    const asked = order.parse(data)
    try {
      return await carryOut(asked, tried)
    } catch (error) {
      if (last && !isSlackAway(error)) await tellGivenUp(asked, error)
      throw error
    }
  }
}

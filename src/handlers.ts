import { z } from 'zod'
import type { Dependencies } from './dependencies.ts'
import { SlipwayError } from './errors.ts'
import { createChangeEvents } from './jobs/change-events.ts'
import { cleanUp } from './jobs/clean-up.ts'
import { isLedgerAway, tell } from './jobs/failure.ts'
import { createJournal } from './jobs/journal.ts'
import { own } from './jobs/outcome.ts'
import { createPager } from './jobs/page.ts'
import { prepare } from './jobs/prepare.ts'
import { beginsWithin, type Projector, project } from './jobs/project.ts'
import type { QueueName } from './jobs/queue-settings.ts'
import type { Handler, Queues } from './jobs/queues.ts'
import { createRecheck } from './jobs/recheck.ts'
import { rollBack } from './jobs/roll-back.ts'
import { shift } from './jobs/shift.ts'
import type { RolloutJob } from './jobs/step.ts'
import { takeOver } from './jobs/take-over.ts'
import type { ActingWorld, World } from './jobs/world.ts'
import type { Answers } from './ledger/answers.ts'
import type { Reports } from './ledger/reports.ts'
import type { CheckReadiness } from './readiness/readiness.ts'
import { type StepJob, stepJobs } from './rollout/effects.ts'
import { isOver } from './rollout/state.ts'
import type { Answer, Desk } from './slack/answer.ts'
import { jobIdOf, type Wish, wish } from './slack/ask.ts'
import { createCard } from './slack/card-projection.ts'
import type { Messenger } from './slack/messenger.ts'
import { answerOnRecord } from './slack/on-record.ts'
import { createReadinessJob, readinessOrder } from './slack/readiness-job.ts'
import { answerJob, tellAnswer, tellingOf } from './slack/tell-answer.ts'
import { lockNewsJob, tellLock } from './slack/tell-lock.ts'
import { createThread } from './slack/thread.ts'

interface Parts {
  readonly world: World
  /** Null where Slipway only observes. */
  readonly acting: ActingWorld | null
  readonly queues: Queues
  readonly messenger: Messenger
  readonly reports: Reports
  readonly checkReadiness: CheckReadiness
  readonly answers: Pick<Answers, 'leave'>
  readonly writtenRecord: Projector
  readonly dependencies: Pick<Dependencies, 'away'>
}

const stepJob = z.enum(stepJobs)
const ofRollout = z.object({ rollout: z.number() })
const steps: Readonly<Record<Exclude<StepJob, 'recheck'>, RolloutJob>> = {
  prepare,
  shift,
  'take-over': takeOver,
  'clean-up': cleanUp,
  'roll-back': rollBack,
}

/** What each queue's jobs do. */
export function createHandlers({
  world,
  acting,
  queues,
  messenger,
  reports,
  checkReadiness,
  answers,
  writtenRecord,
  dependencies,
}: Parts): Readonly<Record<QueueName, Handler>> {
  // Until a post begins, Slack's time limit, and as much again for what is still on its way.
  const settles = beginsWithin + 2 * world.config.slack.timeout
  const journal = createJournal((line) => process.stdout.write(line))
  const thread = createThread({
    messenger,
    cursors: world.cursors,
    history: (rollout) => world.rollouts.history(rollout),
    config: world.config,
    pace: world.pace,
    clock: world.clock,
    log: world.log,
    settles,
    recordHead: () => world.record.head(),
  })
  const projectors: readonly Projector[] = [journal, thread, createPager(world), createChangeEvents(world)]
  const showCard = createCard(world, messenger)
  const desk: Desk = {
    world,
    reports,
    away: dependencies.away,
    startReadiness: (wish, ask) =>
      queues.add('readiness', `readiness-${wish.id}`, 'readiness', readinessOrder(wish, ask)),
    // Where what people read is brought to them however long it takes.
    tellLock: (news) => queues.add('projections', `${lockNewsJob}-${news.id}`, lockNewsJob, news),
  }
  const recheck = createRecheck(world, reports, checkReadiness)
  const onRecord = (entry: object) => void process.stdout.write(`${JSON.stringify({ record: true, ...entry })}\n`)
  const runReadiness = createReadinessJob({ world, messenger, reports, checkReadiness, answers, onRecord, settles })

  const wishes: Handler = async ({ data, last, tried }) => {
    const asked = wish.parse(data)
    const answer = await answerOnRecord(desk, asked, onRecord, last).catch(async (error: unknown) => {
      if (!tried && !last && !isRedisSlow(error) && asked.from?.via !== 'terminal')
        await tellAnswer(messenger, tellingOf(asked, keptAnswer(asked, error)), world.clock.now())
      throw error
    })
    // Where a Slack that hangs keeps no other wish waiting.
    if (asked.from?.via !== 'terminal')
      await queues.add('answers', jobIdOf(answerJob, asked), answerJob, tellingOf(asked, answer))
    // The report itself is the answer.
    else if (asked.ask.kind !== 'readiness' || answer.refused !== undefined)
      await answers.leave(asked.id, { text: answer.text, refused: answer.refused !== undefined })
    return 'done'
  }

  const readiness: Handler = ({ data, last, tried }) => runReadiness(data, tried, last)
  const runStep: Handler = async ({ name, data, last }) => {
    const { rollout } = ofRollout.parse(data)
    const job = stepJob.parse(name)
    if (job === 'recheck') await recheck(rollout)
    else if (acting === null) await tellNoHands(world, rollout)
    else await steps[job](acting, rollout, last)
    return 'done'
  }

  return {
    wishes,
    'rollback-wishes': wishes,
    async answers({ data }) {
      await tellAnswer(messenger, data, world.clock.now())
      return 'done'
    },
    readiness,
    // An older Slipway put readiness reports here, too.
    steps: (job) => (job.name === 'readiness' ? readiness(job) : runStep(job)),
    // An older Slipway put wishes here, too.
    rollback: (job) => (job.name === 'wish' ? wishes(job) : runStep(job)),
    async projections({ name, data }) {
      if (name === lockNewsJob) return tellLock(world, messenger, settles, data)
      const { rollout } = ofRollout.parse(data)
      if (name === writtenRecord.name) {
        // An older Slipway put it here, where it could keep others waiting.
        await queues.startProjections(rollout, [writtenRecord.name])
        return 'done'
      }
      const projector = projectors.find((p) => p.name === name)
      const outcome = projector === undefined ? await showCard(rollout) : await project(world, projector, rollout)
      return outcome === 'busy' ? 'again' : 'done'
    },
    async uploads({ data }) {
      const { rollout } = ofRollout.parse(data)
      return (await project(world, writtenRecord, rollout)) === 'busy' ? 'again' : 'done'
    },
  }
}

/** Did Redis not answer? Most often the next try does, without a word in between. */
function isRedisSlow(error: unknown): boolean {
  return isLedgerAway(error) || tell(error).code === 'hand-over-in-doubt'
}

/** What somebody is told whose wish can't be carried out yet, at its first try. */
function keptAnswer({ ask }: Wish, error: unknown): Answer {
  const { code, what, todo } = tell(error)
  if (ask.kind === 'rollback' && !ask.confirmed && !ask.forced)
    return {
      text: `${what} ${todo} You are asked about the rollback as soon as it can be. By hand: slipway rollback -f`,
    }
  if (ask.kind === 'rollback')
    return {
      text: `ROLLBACK NOT DONE YET. ${what} ${todo} It is tried again until it is. By hand: slipway rollback -f`,
    }
  if (code === 'people-unknown')
    return { text: `${what} What you asked for is kept and decided as soon as it does. ${todo}` }
  return { text: `${what} ${todo} What you asked for is kept, and tried again for some minutes.` }
}

/** A release that Slipway drives, met by a process that only observes: a rollback that can't be done is told and pages. */
async function tellNoHands(world: World, rollout: number): Promise<void> {
  const state = await world.rollouts.load(rollout)
  if (state === null || isOver(state)) return
  const error = new SlipwayError('config-mode', { version: state.spec.version, stage: state.stage })
  await world.rollouts.execute(rollout, own(world, { type: 'record-rollback-failure', ...tell(error) }))
  throw error
}

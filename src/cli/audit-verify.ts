import { z } from 'zod'
import { loadConfig } from '../config/load.ts'
import { SlipwayError } from '../errors.ts'
import { isLedgerAway, tell } from '../jobs/failure.ts'
import { readHeads, type ToldHead } from '../ledger/head-text.ts'
import { read, verify } from '../ledger/verify.ts'
import { headTypes } from '../rollout/heads.ts'
import { createClient, findChannel } from '../slack/app.ts'
import type { AuditOptions } from './audit.ts'
import { type AuditSource, readRecord } from './audit-source.ts'
import { contentOf } from './history-source.ts'
import { patient } from './patient.ts'
import { type HeadsRead, headsInThreads } from './told-heads.ts'

/** What is told when nothing was compared, or not with what was told outside. */
const unproven = 3

/** How long Slack keeps threads in a workspace that pays nothing, in ms. */
const threadsKept = 90 * 24 * 3_600_000

/** An event with which a head is told, as far as that can be seen from outside. */
const telling = z.object({ type: z.enum(headTypes), at: z.number(), hash: z.string() })

/** `slipway audit --verify`, as `audit` says. */
export async function verifyAll(options: AuditOptions): Promise<{ lines: readonly string[]; exit: 0 | 1 | 3 }> {
  const config = options.service === undefined ? await loadConfig(options.config) : null
  const service = options.service ?? config?.service ?? ''
  try {
    return await compared(options, service, config?.slack ?? null)
  } catch (error) {
    const { code, what, todo } = tell(error)
    if (!isLedgerAway(error) && code !== 'ledger-refused') throw error
    const nothing = {
      service,
      findings: [],
      compared: 0,
      proven: [],
      notes: [`${what} ${todo}`],
      exit: unproven,
    } as const
    const lines = ['Not proven: nothing was compared.', `  (${what} ${todo})`]
    return { lines: options.format === 'json' ? [JSON.stringify(nothing)] : lines, exit: unproven }
  }
}

async function compared(
  options: AuditOptions,
  service: string,
  config: SlackConfig | null,
): Promise<{ lines: readonly string[]; exit: 0 | 1 | 3 }> {
  const notes: string[] = []
  // Read before Redis, so that Redis is ahead of it; where the threads stand is known from there alone.
  const first = await readRecord(options.redisUrl(), service)
  const slack = config === null ? null : options.slack()
  const inSlack = slack === null ? null : await inThreads(slack, config, first, options.pause)
  if (inSlack === null) notes.push('The heads told in Slack were not read: that takes SLACK_BOT_TOKEN and --config.')
  else if ('away' in inSlack) notes.push(`The heads told in Slack were not read: ${inSlack.away}`)
  else for (const note of unreadNotes(inSlack)) notes.push(note)
  const given = await givenHeads(options, service)
  const told = [...(inSlack !== null && 'heads' in inSlack ? inSlack.heads : []), ...given]
  const source = await readRecord(options.redisUrl(), service)
  const verdict = verify(source, told)
  const events = [...source.ledgers.values()].reduce((sum, lines) => sum + lines.length, 0)
  const size = `${source.ledgers.size} rollouts with ${events} events, ${source.record.length} entries of the record`
  const untold = inSlack === null || 'away' in inSlack ? [] : untoldIn(first, inSlack, verdict.proven, options.now)
  if (untold.length > 0)
    notes.push(
      `No head of these rollouts was found, though their threads should tell one: ${untold.join(', ')}. They may have been rewritten; or it was not told yet.`,
    )
  const exit = verdict.findings.length > 0 ? 1 : verdict.compared === 0 || untold.length > 0 ? unproven : 0
  const judgement = {
    0: `Whole: ${size}; ${verdict.compared} told heads fit.`,
    1: `NOT WHOLE: ${size}; ${verdict.compared} told heads fit.`,
    3:
      verdict.compared === 0
        ? `Not proven: ${size} fit with themselves, but were compared with no told head.`
        : `Not proven: ${size} fit with themselves, and with ${verdict.compared} told heads, but not every rollout was compared with one.`,
  }[exit]
  const all = [...notes, ...verdict.notes]
  if (options.format === 'json') return { lines: [JSON.stringify({ service, ...verdict, notes: all, exit })], exit }
  return { lines: [judgement, ...verdict.findings.map((f) => `  ${f}`), ...all.map((note) => `  (${note})`)], exit }
}

async function givenHeads({ head, heads }: AuditOptions, service: string): Promise<readonly ToldHead[]> {
  const read = (text: string, what: string) => {
    const found = readHeads(text, service)
    if (found.length > 0) return found
    throw new SlipwayError('usage', {
      what: `${what} holds no head such as ${service}/12/34 sha256:… or 64 hex digits.`,
    })
  }
  return [
    ...(head === undefined ? [] : read(head, '--head')),
    ...(heads === undefined ? [] : read(await contentOf(heads), '--heads')),
  ]
}

type Slack = NonNullable<ReturnType<AuditOptions['slack']>>
interface SlackConfig {
  readonly channel: string
  readonly timeout: number
}

async function inThreads(
  slack: Slack,
  config: SlackConfig | null,
  { threads, service }: AuditSource,
  pause: AuditOptions['pause'],
): Promise<HeadsRead | { readonly away: string } | null> {
  if (config === null) return null
  try {
    const client = createClient(slack, config.timeout)
    const ask = patient(pause)
    const channel = await ask(() => findChannel(client, config.channel))
    return await headsInThreads(client, channel, threads, service, ask)
  } catch (error) {
    const { what, todo } = tell(error)
    return { away: `${what} ${todo}` }
  }
}

/**
 * The rollouts that must have told a head, and of which none was found: whoever rewrites a ledger can take away where its thread stands,
 * too. A thread that Slack does not give is no sign of that once it is as old as those that Slack itself removes.
 */
function untoldIn(
  { ledgers }: AuditSource,
  { unread }: HeadsRead,
  proven: readonly number[],
  now: number,
): readonly number[] {
  return [...ledgers].flatMap(([rollout, lines]) => {
    const events = lines.flatMap((line) => telling.safeParse(read(line)).data ?? [])
    const isOld = events.every(({ at }) => at < now - threadsKept)
    const isGone = isOld && unread.some((one) => one.rollout === rollout)
    return proven.includes(rollout) || isGone || events.length === 0 ? [] : [rollout]
  })
}

/** One note for all threads that could not be read for the same reason. */
function unreadNotes({ unread }: HeadsRead): readonly string[] {
  return [...Map.groupBy(unread, ({ why }) => why)].map(([why, those]) => {
    const rollouts = those.map(({ rollout }) => rollout).join(', ')
    return `The heads told in the threads of these rollouts were not read, or not all: ${rollouts}. ${why}`
  })
}

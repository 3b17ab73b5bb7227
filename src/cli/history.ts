import { loadConfig } from '../config/load.ts'
import { SlipwayError } from '../errors.ts'
import { fold, readWhole, replay } from '../ledger/replay.ts'
import { endedAt, type State } from '../rollout/state.ts'
import { contentOf, type Ledgers, ledgersOfJournal, ledgersOfRedis } from './history-source.ts'
import { eventText, rolloutText, stateText } from './history-text.ts'

export interface HistoryOptions {
  /** Of this rollout; without it all are listed. */
  readonly rollout?: string
  /** Fold the events anew and compare. */
  readonly replay: boolean
  readonly json: boolean
  /** A journal to read instead of Redis; `-` is standard input. */
  readonly file?: string
  /** Default: the configuration's, or the only one of the journal. */
  readonly service?: string
  readonly config: string
  readonly redisUrl: () => string
}

/** `slipway history`: the lines to print, and the exit code: 1 when a ledger is not whole. */
export async function history(options: HistoryOptions): Promise<{ lines: readonly string[]; exit: 0 | 1 }> {
  const { service, ledgers } = await ledgersOf(options)
  if (options.rollout === undefined) return list(service, ledgers, options.json)
  const number = Number(options.rollout)
  const lines = ledgers.get(number)
  if (lines === undefined)
    throw new SlipwayError('usage', { what: `${service} has no rollout ${options.rollout}. ${known(ledgers)}` })
  const events = readWhole(lines, service, number)
  if (!options.replay)
    return { lines: events.map((event) => (options.json ? JSON.stringify(event) : eventText(event))), exit: 0 }
  const { state, hash } = await replay(events, service, number)
  if (options.json) return { lines: [JSON.stringify({ service, rollout: number, hash, state: shown(state) })], exit: 0 }
  return { lines: [...events.map(eventText), '', ...stateText(state), `hash      sha256:${hash}`], exit: 0 }
}

async function ledgersOf({ file, service, config, redisUrl }: HistoryOptions) {
  if (file !== undefined) return ledgersOfJournal(await contentOf(file), service)
  const name = service ?? (await loadConfig(config)).service
  return { service: name, ledgers: await ledgersOfRedis(redisUrl(), name) }
}

function known(ledgers: Ledgers): string {
  const numbers = [...ledgers.keys()]
  return numbers.length === 0 ? 'There is none.' : `There are ${numbers.join(', ')}.`
}

/** One line a rollout; one that can't be read says why. */
function list(service: string, ledgers: Ledgers, json: boolean): { lines: readonly string[]; exit: 0 | 1 } {
  let exit: 0 | 1 = 0
  const lines = [...ledgers].map(([rollout, written]) => {
    try {
      const state = fold(readWhole(written, service, rollout), service, rollout)
      const { stage, startedAt, spec } = state
      const ended = endedAt(state) ?? null
      return json
        ? JSON.stringify({ service, rollout, version: spec.version, stage, startedAt, ended })
        : rolloutText(state)
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error
      exit = 1
      return json
        ? JSON.stringify({ service, rollout, error: error.code })
        : `#${rollout}  ${error.message} ${error.todo}`
    }
  })
  return { lines: lines.length > 0 || json ? lines : [`${service} has no rollouts.`], exit }
}

/** The state as JSON can hold it. */
function shown(state: State): object {
  return { ...state, commands: [...state.commands].toSorted() }
}

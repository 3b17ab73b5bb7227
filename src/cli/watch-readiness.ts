import { SlipwayError } from '../errors.ts'
import type { TerminalAnswer } from '../ledger/answers.ts'
import { changesSince, outcomeHash } from '../readiness/changes.ts'
import type { ReadinessReport } from '../readiness/report.ts'
import type { CheckChange } from '../rollout/events.ts'
import { judgements, readinessText } from './readiness-text.ts'

/** Time between two reports, in ms. */
const every = 30_000

export interface WatchOptions {
  readonly json: boolean
  /** Asks a running Slipway; `seen` is what the last report came to, where there was one. */
  readonly ask: (seen: string | undefined) => Promise<TerminalAnswer>
  readonly print: (line: string) => void
  /** Waits for so long (ms); false when it is over. */
  readonly pause: (ms: number) => Promise<boolean>
}

/**
 * `slipway readiness --watch`: prints a report, and then, every 30 s until it is ended, what has changed since the one before. Where
 * there is no report it says why, once, and goes on.
 */
export async function watchReadiness({ json, ask, print, pause }: WatchOptions): Promise<void> {
  let last: ReadinessReport | null = null
  let away = ''
  do {
    const asked = await reportOf(() => ask(last === null ? undefined : outcomeHash(last)))
    if (typeof asked === 'string') {
      if (asked !== away) print(json ? JSON.stringify({ failed: asked }) : asked)
      away = asked
      continue
    }
    away = ''
    if (last === null) print(json ? JSON.stringify(asked) : readinessText(asked).join('\n'))
    else tellChanges(asked, changesSince(last, asked))
    last = asked
  } while (await pause(every))

  function tellChanges({ at, version, judgement }: ReadinessReport, changes: readonly CheckChange[]): void {
    if (changes.length === 0) return
    if (json) {
      print(JSON.stringify({ at, version, judgement, changes }))
      return
    }
    const lines = [
      `${new Date(at).toISOString()}  ${version}: ${judgements[judgement]}`,
      ...changes.flatMap(changeLines),
    ]
    print(lines.join('\n'))
  }
}

async function reportOf(ask: () => Promise<TerminalAnswer>): Promise<ReadinessReport | string> {
  try {
    const { report, text } = await ask()
    return report ?? text
  } catch (error) {
    // A line that is not understood will not be the next time either.
    if (!(error instanceof SlipwayError) || error.code === 'usage') throw error
    return `${error.message} ${error.todo}`
  }
}

const signs = { pass: 'passes', warn: 'WARNS', block: 'BLOCKS' } as const

function changeLines({ title, check, now, found, mend }: CheckChange): readonly string[] {
  const lines = [`${signs[now].padEnd(7)} ${title} (${check})`, `        found      ${found}`]
  return mend === undefined ? lines : [...lines, `        to do      ${mend}`]
}

import { readRelease } from '../config/release-name.ts'
import { SlipwayError } from '../errors.ts'
import type { TerminalAnswer } from '../ledger/answers.ts'
import { readinessText } from './readiness-text.ts'

/** The exit code of `slipway readiness`: 1 for warnings with `--strict`, 2 for not ready, 3 when there is no report. */
export type ReadinessExit = 0 | 1 | 2 | 3

export interface ReadinessOptions {
  readonly json: boolean
  /** Warnings count, too. */
  readonly strict: boolean
  /** Asks a running Slipway. */
  readonly ask: () => Promise<TerminalAnswer>
}

/** What a command of the terminal asks for. */
export function readinessAsk(words: readonly string[], categories: readonly string[] = []): object {
  if (words.length === 0) throw new SlipwayError('usage', { what: 'The version is missing: slipway readiness 5.1.0' })
  const wanted = categories.flatMap((text) => text.split(','))
  return {
    kind: 'readiness',
    ...readRelease(words.join(' ')),
    ...(wanted.length > 0 && { categories: [...new Set(wanted)] }),
  }
}

/** `slipway readiness`: the lines to print, and the exit code. Where there is no report, `failed` says why. */
export async function readiness({ json, strict, ask }: ReadinessOptions): Promise<{
  readonly lines: readonly string[]
  readonly failed: readonly string[]
  readonly exit: ReadinessExit
}> {
  const asked = await ask().catch((error: unknown) => {
    // A line that is not understood is the sender's own; everything else is a report that there is not.
    if (!(error instanceof SlipwayError) || error.code === 'usage') throw error
    return error
  })
  if (asked instanceof SlipwayError) return { lines: [], failed: [asked.message, asked.todo], exit: 3 }
  const { report, text } = asked
  if (report === undefined) return { lines: [], failed: [text], exit: 3 }
  const lines = json ? [JSON.stringify(report, null, 2)] : readinessText(report)
  const exits = { ready: 0, 'ready-with-warnings': strict ? 1 : 0, 'not-ready': 2 } as const
  return { lines, failed: [], exit: exits[report.judgement] }
}

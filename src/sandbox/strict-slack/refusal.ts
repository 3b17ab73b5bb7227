/** What Slack answers instead of doing what it was asked for. */
export interface Refusal {
  readonly status: 200 | 429
  readonly headers: Readonly<Record<string, string>>
  readonly body: { readonly ok: false; readonly error: string }
}

/** A refusal as Slack puts almost all of them: status 200 and a word. */
export function refusal(error: string, more: object = {}): Refusal {
  return { status: 200, headers: {}, body: { ok: false, error, ...more } }
}

/** A refusal of blocks or of a view, with everything that is wrong with them. */
export function invalid(error: 'invalid_blocks' | 'invalid_arguments', mistakes: readonly string[]): Refusal {
  const messages = mistakes.map((mistake) => `[ERROR] ${mistake}`)
  return refusal(error, { errors: mistakes, response_metadata: { messages } })
}

/** Too many calls: `after` is for how long to leave it, in s (docs.slack.dev/apis/web-api/rate-limits). */
export function throttled(after: number): Refusal {
  return { ...refusal('ratelimited'), status: 429, headers: { 'retry-after': String(after) } }
}

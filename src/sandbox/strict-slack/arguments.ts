/** What a method was called with: form fields or JSON, the structured ones as values. */
export type Arguments = Readonly<Record<string, unknown>>

/** Fields that a form carries as JSON. */
const structured = ['blocks', 'view', 'attachments'] as const

/**
 * Reads the arguments of a call; null when they can't be read: Slack answers `invalid_json` or `invalid_form_data` then.
 * `url` may carry some of them, too.
 */
export function readArguments(url: URL, type: string, body: string): Arguments | null {
  const given = type.startsWith('application/json') ? fromJson(body) : Object.fromEntries(new URLSearchParams(body))
  if (typeof given !== 'object' || given === null) return null
  const read: Record<string, unknown> = { ...Object.fromEntries(url.searchParams), ...given }
  for (const name of structured) {
    const value = read[name]
    if (typeof value === 'string') read[name] = fromJson(value)
  }
  return read
}

function fromJson(text: string): unknown {
  if (text === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** An argument as text; undefined when it is not there. */
export function textOf(args: Arguments, name: string): string | undefined {
  const value = args[name]
  return value === undefined || value === null || value === '' ? undefined : String(value)
}

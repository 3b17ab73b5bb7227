import { parseArgs } from 'node:util'
import { SlipwayError } from '../errors.ts'

const options = {
  config: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
  force: { type: 'boolean', short: 'f', default: false },
  service: { type: 'string' },
  namespace: { type: 'string' },
  kubeconfig: { type: 'string' },
  role: { type: 'string', default: 'both' },
  file: { type: 'string' },
  json: { type: 'boolean', default: false },
  replay: { type: 'boolean', default: false },
  csv: { type: 'boolean', default: false },
  verify: { type: 'boolean', default: false },
  watch: { type: 'boolean', default: false },
  strict: { type: 'boolean', default: false },
  category: { type: 'string', multiple: true },
  reason: { type: 'string' },
  since: { type: 'string' },
  kind: { type: 'string' },
  head: { type: 'string' },
  heads: { type: 'string' },
} as const

/** The options and words of a command line; throws `usage` for what is not known. */
export function parseCommandLine(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options })
  } catch (cause) {
    throw new SlipwayError('usage', { what: cause instanceof Error ? cause.message : String(cause) }, { cause })
  }
}

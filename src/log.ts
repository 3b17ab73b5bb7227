import { type DestinationStream, type Logger, pino } from 'pino'

/**
 * A command of Redis that failed stands in its error with all that was sent, and the first on every connection sends the password
 * (rule 10).
 */
const secret = ['err.command', 'err.cause.command', 'err.lastNodeError', 'err.previousErrors']

/** The log of a process, a line of JSON each. */
export function createLog(level: string, service: string, to?: DestinationStream): Logger {
  const options = { level, base: { service }, redact: { paths: secret, remove: true } }
  return to === undefined ? pino(options) : pino(options, to)
}

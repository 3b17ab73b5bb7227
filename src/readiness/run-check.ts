import type { CheckSettings } from '../config/config.ts'
import { isPassing, tell } from '../jobs/failure.ts'
import { durationText } from '../slack/format.ts'
import { settingsOf } from '../unchecked.ts'
import type { Check, Outcome } from './check.ts'
import type { Finding } from './report.ts'
import type { Subject } from './subject.ts'

/** Runs one check within the configured time; whatever happens, there is a finding. */
export async function runCheck(subject: Subject, check: Check, configured: CheckSettings): Promise<Finding> {
  const { category, name, title } = check
  const { clock } = subject.world
  const settings = settingsOf(configured)
  const began = clock.now()
  const { outcome, ran } = await outcomeOf(subject, check, configured)
  const { result, found, mend, details } = outcome
  return {
    category,
    check: name,
    title,
    result: result === 'block' && ran && configured.severity === 'warn' ? 'warn' : result,
    ran,
    looked: check.looksAt(subject, settings),
    found,
    expected: check.expects(subject, settings),
    ...(mend !== undefined && { mend }),
    ...(details !== undefined && { details: [...details] }),
    ms: clock.now() - began,
  }
}

async function outcomeOf(
  subject: Subject,
  check: Check,
  configured: CheckSettings,
): Promise<{ readonly outcome: Outcome; readonly ran: boolean }> {
  const { clock, config } = subject.world
  const { timeout } = config.readiness
  const over = new AbortController()
  const late = clock.wait(timeout, over.signal).then(
    () => 'late' as const,
    () => 'late' as const,
  )
  try {
    const outcome = await Promise.race([runTwice(subject, check, configured), late])
    if (outcome !== 'late') return { outcome, ran: true }
    const found = `could not be checked: no answer within ${durationText(timeout)}`
    return { outcome: { result: configured.unknown, found, mend: 'See why what it asks does not answer.' }, ran: false }
  } catch (error) {
    const { what, todo } = tell(error)
    return { outcome: { result: configured.unknown, found: `could not be checked: ${what}`, mend: todo }, ran: false }
  } finally {
    over.abort()
  }
}

/** A source that did not answer is asked once more: a report must not fail by a connection that was slow to stand. */
async function runTwice(subject: Subject, check: Check, configured: CheckSettings): Promise<Outcome> {
  const run = () => check.run(subject, settingsOf(configured))
  try {
    return await run()
  } catch (error) {
    if (!isPassing(error) && !tell(error).code.endsWith('-unreachable')) throw error
    return run()
  }
}

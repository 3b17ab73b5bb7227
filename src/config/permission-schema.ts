import { z } from 'zod'
import { name } from './fields.ts'

/** The roles that may use a command, in the notation of the file. */
export const permittedRoles = z.array(name).min(1, { error: 'expected at least one role' })

const permission = z.union([
  z.enum(['members', 'any-role'], { error: 'expected members, any-role or a list of roles' }),
  permittedRoles,
])

/** Who may use a command where the file says nothing, and what the command does. */
const permit = (otherwise: 'members' | 'any-role', does: string) => permission.prefault(otherwise).describe(does)

/** The keys of `permissions`: the commands and buttons whose use no phase and no rule of the release decides. */
export const permissionFields = {
  readiness: permit('members', 'Check a version.'),
  status: permit('members', 'See where the release stands, what waits for you, and what would be changed.'),
  history: permit('members', 'See the last rollouts.'),
  advance: permit('any-role', 'Start a rollout, and ask for the next phase.'),
  nudge: permit('any-role', 'Remind who has not signed yet.'),
  pause: permit('any-role', 'Hold the rollout.'),
  resume: permit('any-role', 'Go on where it was held.'),
  retry: permit('any-role', 'Try a step again that failed.'),
  'extend-soak': permit('any-role', 'Let it soak on.'),
  'skip-soak': permit('any-role', 'Ask for the rest of a soak to be skipped.'),
  'take-over': permit('any-role', "Write Slipway's own back over somebody else's change."),
  abort: permit('any-role', 'End a rollout that has had no traffic.'),
  handover: permit('any-role', 'Hand the release over to somebody else, or take it over.'),
  lock: permit('any-role', 'Lock the service: nothing starts or moves forward.'),
  unlock: permit('any-role', 'End the lock.'),
  finish: permit('any-role', 'Scale the unused track down all the same, or try again where that failed.'),
}

/** Who may use which command. */
export const permissions = z.strictObject(permissionFields)

import type { CommandOf } from './commands.ts'
import type { Decision } from './decision.ts'
import type { EventBody } from './events.ts'
import { refuse } from './refusal.ts'
import type { State } from './state.ts'

/** The acceptance in a start itself: by somebody who holds the role that decides, with a reason. A terminal proves no role. */
export function acceptedAtOnce({ by, reason = '', roles = [], spec }: CommandOf<'start'>): readonly EventBody[] {
  if (reason === '' || by.via !== 'slack' || !roles.includes(spec.decides)) return []
  return [{ type: 'warnings-accepted', by, role: spec.decides, reason }]
}

/** Accepts what the report warned of: the role that decides, with a reason, while the report is valid. */
export function decideAcceptWarnings(state: State, command: CommandOf<'accept-warnings'>): Decision {
  const { warned, spec, stage, silence } = state
  const impossible = (instead: string) => refuse('not-possible-now', { what: 'accept the warnings', stage, instead })
  if (warned === undefined) return impossible('No warnings wait for it.')
  // While Slack counts as away the clock stands; a click that arrives all the same is in time.
  if (silence === undefined && command.at >= warned.expiresAt)
    return impossible('The time for it is over: check the version again.')
  const role = spec.decides
  if (!command.roles.includes(role)) return refuse('role-not-held', { roles: [role], holders: command.holders })
  return { events: [{ type: 'warnings-accepted', by: command.by, role, reason: command.reason }] }
}

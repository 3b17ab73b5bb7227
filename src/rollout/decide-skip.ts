import type { CommandOf } from './commands.ts'
import { after, startIfSigned } from './decide-sign-off.ts'
import { decidedBefore } from './decided-before.ts'
import type { Decision } from './decision.ts'
import type { EventBody } from './events.ts'
import { type Refusal, refuse } from './refusal.ts'
import type { SkipRequest, State } from './state.ts'

/** Asks for the rest of a soak to be skipped: with a reason, and a sign-off of its own by somebody else. */
export function decideSkipSoak(state: State, command: CommandOf<'skip-soak'>): Decision {
  const { spec, skip, stage, phase } = state
  if (stage !== 'soaking') {
    const instead = 'Only a soak that is under way can be skipped.'
    return refuse('not-possible-now', { what: 'skip the soak', stage, instead })
  }
  if (skip !== undefined) return refuse('skip-asked-already', { by: skip.by.name, roles: [spec.decides] })
  const { reason, by, at } = command
  // It waited, and meant the soak of an earlier phase.
  if (at < (state.phases.at(-1)?.startedAt ?? 0)) return refuse('said-before', { moment: 'phase', phase })
  return { events: [{ type: 'skip-asked', phase, reason, expiresAt: at + spec.signOffExpires, by }] }
}

/** The sign-off that ends the soak. The limits stay: a broken one is found by the watch, and by the next shift. */
export function decideApproveSkip(state: State, command: CommandOf<'approve-skip'>): Decision {
  const open = openSkip(state, command)
  if ('refusal' in open) return open
  if (open.skip.by.id === command.by.id) return refuse('requester-may-not-sign', { phase: open.skip.phase })
  const { phase, id: request, reason } = open.skip
  const skipped: EventBody = { type: 'soak-skipped', phase, request, role: state.spec.decides, reason, by: command.by }
  const last = phase === state.spec.phases.length
  if (last) return { events: [skipped, { type: 'window-opened', ms: state.spec.rollbackWindow }] }
  return { events: [skipped, ...startIfSigned(after(state, skipped, command), command)] }
}

export function decideRejectSkip(state: State, command: CommandOf<'reject-skip'>): Decision {
  const open = openSkip(state, command)
  if ('refusal' in open) return open
  return { events: [{ type: 'skip-rejected', request: open.skip.id, role: state.spec.decides, by: command.by }] }
}

function openSkip(
  state: State,
  command: CommandOf<'approve-skip'> | CommandOf<'reject-skip'>,
): { readonly skip: SkipRequest } | { readonly refusal: Refusal } {
  const { skip, spec } = state
  if (skip === undefined || skip.id !== command.request) return decidedBefore(state, command.request)
  if (state.silence === undefined && command.at >= skip.expiresAt)
    return refuse('request-expired', { phase: skip.phase, at: skip.expiresAt })
  if (!command.roles.includes(spec.decides))
    return refuse('role-not-held', { roles: [spec.decides], holders: command.holders })
  return { skip }
}

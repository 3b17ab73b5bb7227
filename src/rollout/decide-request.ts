import type { CommandOf } from './commands.ts'
import { openRequest } from './decide-sign-off.ts'
import type { Decision } from './decision.ts'
import { refuse } from './refusal.ts'
import { missingRoles, possibleSigners } from './sign-off.ts'
import { isObserved, type State } from './state.ts'

/** Those who are missing are reminded at most this often, in ms. */
const nudgeEvery = 5 * 60_000

/** Takes one's own sign-off back, until the quorum is met: also one that was said before this and is still under way. */
export function decideWithdraw(state: State, command: CommandOf<'withdraw'>): Decision {
  const open = openRequest(state, command)
  if ('refusal' in open) return open
  const { request } = open
  const own = request.signOffs.find((s) => s.by.id === command.by.id)
  if (missingRoles(state, request).length === 0) {
    const { phase } = request
    return own === undefined
      ? refuse('not-signed', { phase })
      : refuse('quorum-met', { phase, observed: isObserved(state) })
  }
  const role = own === undefined ? {} : { role: own.role }
  return { events: [{ type: 'sign-off-withdrawn', request: request.id, ...role, by: command.by }] }
}

/** Ends a request that nobody wants any more: whoever asked, or the role that decides, until its phase starts. */
export function decideCancel(state: State, command: CommandOf<'cancel'>): Decision {
  const open = openRequest(state, command)
  if ('refusal' in open) return open
  const { request } = open
  const { decides } = state.spec
  if (command.by.id !== request.by.id && !command.roles.includes(decides))
    return refuse('may-not-cancel', { by: request.by.name, roles: [decides], holders: command.holders })
  return { events: [{ type: 'sign-off-cancelled', request: request.id, by: command.by }] }
}

/** Reminds those who could still sign, by mention. */
export function decideNudge(state: State, command: CommandOf<'nudge'>): Decision {
  const open = openRequest(state, command)
  if ('refusal' in open) return open
  const { request } = open
  const roles = [...new Set(missingRoles(state, request))]
  const signers = possibleSigners(state, request, command.known)
  const people = [...new Set(roles.flatMap((role) => signers[role] ?? []))]
  if (people.length === 0) return refuse('nobody-to-nudge', { phase: request.phase })
  const last = request.nudged
  if (last !== undefined && command.at < last.at + nudgeEvery)
    return refuse('nudged-already', { ...last, again: last.at + nudgeEvery })
  return { events: [{ type: 'sign-off-nudged', request: request.id, roles, people, by: command.by }] }
}

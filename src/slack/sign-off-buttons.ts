import type { Offer } from '../rollout/quorum.ts'
import type { Request, State } from '../rollout/state.ts'
import type { Button } from './message.ts'
import { reference } from './reference.ts'

/** Names of the buttons that stand for one of several: `approve-as:sre`, `tick-off:2`. */
export const [approveAs, tickOff] = ['approve-as', 'tick-off']

/** A button for each role that somebody may sign as, the one that leaves the rest within reach first. */
export function roleButtons(state: State, request: Pick<Request, 'id'>, offers: readonly Offer[]): readonly Button[] {
  const value = reference({ ...state, version: request.id })
  return offers.map(({ role, reachable }, index) => ({
    action: `${approveAs}:${role}`,
    label: reachable ? `Sign as ${role}` : `Sign as ${role} all the same`,
    value,
    ...(index === 0 && { style: 'primary' as const }),
  }))
}

/** What somebody who fits several roles is asked; plain words. */
export function chooseRoleText(offers: readonly Offer[]): string {
  const list = offers.map((o) => o.role).join(' or ')
  const stuck = offers.filter((o) => !o.reachable).map((o) => o.role)
  const some = stuck.length < offers.length
  const warning =
    stuck.length === 0
      ? ''
      : some
        ? ` As ${stuck.join(' or ')}, nobody would be known for what is then missing.`
        : ' Nobody is known for all that is then missing.'
  return `You can sign as ${list}. Which one? One person counts once.${warning}`
}

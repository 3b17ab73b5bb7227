/** How each command is used, in the order in which the help shows them. */
export const usages = {
  readiness:
    '`/deploy readiness <version>[@sha256:…]`: is everything in order for this version, or for this very image? Needed before a start.',
  advance:
    '`/deploy advance [version[@sha256:…]] [reason] [--all] [--override] [--dry-run]`: start the rollout, or ask for the next phase, or for all of them. Moves only when the roles have signed. The reason accepts warnings of the readiness report; with `--override` it is started in spite of a freeze or a lock. `--dry-run` shows you the plan and changes nothing.',
  approve: '`/deploy approve [role]`: sign the plan that is asked for.',
  reject: '`/deploy reject <reason>`: turn it down.',
  withdraw: '`/deploy withdraw`: take your sign-off back, until every role has signed.',
  nudge: '`/deploy nudge`: remind those who have not signed yet.',
  cancel: '`/deploy cancel`: end the request, if you asked for it or hold the deciding role.',
  rollback: '`/deploy rollback [reason] [-f]`: all traffic back to stable, from any stage. `-f` asks nothing.',
  status: '`/deploy status`: where the release stands, shown to you alone.',
  mine: '`/deploy mine`: what waits for you, shown to you alone.',
  history: '`/deploy history [rollout]`: the last rollouts, or who did what in one; shown to you alone.',
  pause: '`/deploy pause [reason]`: hold it. Watching and rollback go on.',
  resume: '`/deploy resume`: go on where it was held.',
  'skip-soak': '`/deploy skip-soak <reason>`: ask to end this soak now. Needs the sign-off of somebody else.',
  'take-over': "`/deploy take-over`: write Slipway's own back over somebody else's change of the cluster.",
  handover: '`/deploy handover @someone`: they are in charge from now on; the thread tells them what is open.',
  lock: '`/deploy lock <reason>`: nothing starts or moves forward until it is unlocked. A rollback works all the same.',
  unlock: '`/deploy unlock`: end the lock, whoever set it.',
  override:
    "`/deploy override <reason>`: let the rollout go on although it is frozen or locked, or its phase's sign-offs count no more. For the deciding role.",
  abort: '`/deploy abort [reason]`: end a rollout that has had no traffic yet.',
  finish:
    '`/deploy finish`: scale the unused track down when the thread asks about it, or try again where that failed.',
  help: '`/deploy help`: this list.',
} as const

/** A command after `/deploy`. */
export type Command = keyof typeof usages

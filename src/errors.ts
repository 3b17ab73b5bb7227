import type { Refusal, Refusals } from './rollout/refusal.ts'
import { wordsOf } from './unchecked.ts'

/** What errors of the adapters tell, beside the refusals of the rollout itself. */
interface Failures {
  'config-unreadable': { file: string }
  'config-invalid': { file: string; mistakes: string }
  'environment-invalid': { mistakes: string }
  'ledger-conflict': { rollout: string }
  'ledger-unavailable': { after: number }
  'ledger-newer-schema': { rollout: string; type: string; version: number }
  'ledger-corrupt': { rollout: string; seq: number }
  'cluster-unreachable': { what: string }
  'cluster-forbidden': { what: string }
  'cluster-not-found': { what: string }
  'cluster-refused': { what: string; status: number }
  'route-ambiguous': { what: string; names: string }
  'newer-fence': { what: string; ours: string; found: string }
  'fence-closed': { what: string; by: string; at: string }
  'weights-differ': { what: string; expected: string; found: string }
  'read-back-differs': { what: string; wanted: string; found: string }
  'stable-not-ready': { track: string }
  'canary-not-ready': { pod: string; reason: string; message: string }
  'canary-slow': { ready: number; wanted: number; after: string }
  'paging-refused': { status: number }
  'paging-unreachable': Record<string, never>
  'slack-refused': { method: string; error: string }
  'slack-unreachable': { method: string }
  usage: { what: string }
}

type Details = Refusals & Failures
/** The code of every error Slipway tells a person. */
export type ErrorCode = keyof Details
type Words<D> = { readonly what: (d: D) => string; readonly todo: (d: D) => string }

const roles = (list: readonly string[]) => list.join(' or ')

/**
 * The one table of errors: what happened, and what to do. People read these words in Slack, in the terminal and in
 * reports; causes (other systems' own texts) go to the log only.
 */
export const errorTable: { readonly [C in ErrorCode]: Words<Details[C]> } = {
  'no-rollout': {
    what: (d) => `No rollout of ${d.service} is active.`,
    todo: () => 'Check a version with `/deploy readiness <version>`, then start it with `/deploy advance <version>`.',
  },
  'rollout-active': {
    what: (d) => `Version ${d.version} is being rolled out (${d.stage}).`,
    todo: () => 'Finish it or roll it back first: one rollout of a service at a time.',
  },
  'version-mismatch': {
    what: (d) => `You asked for ${d.asked}, but ${d.running} is being rolled out.`,
    todo: (d) =>
      `\`/deploy advance\` moves ${d.running} on; to ship ${d.asked}, finish or roll back ${d.running} first.`,
  },
  'report-missing': {
    what: (d) => `There is no readiness report for ${d.version}.`,
    todo: (d) => `Run \`/deploy readiness ${d.version}\` first.`,
  },
  'report-expired': {
    what: (d) => `The readiness report for ${d.version} is no longer valid.`,
    todo: (d) => `Run \`/deploy readiness ${d.version}\` again.`,
  },
  'report-not-ready': {
    what: (d) => `The readiness report for ${d.version} says not ready (${d.blocks} blocking).`,
    todo: (d) => `Mend what the report lists, then run \`/deploy readiness ${d.version}\` again.`,
  },
  'rollout-over': {
    what: (d) => `This rollout is over (${d.stage}). Nothing was changed.`,
    todo: () => 'Start the next one with `/deploy readiness <version>`.',
  },
  'not-possible-now': {
    what: (d) => `Can't ${d.what} now: the rollout is ${d.stage}. Nothing was changed.`,
    todo: (d) => d.instead,
  },
  'already-asked': {
    what: (d) => `Phase ${d.phase} was asked for already, by ${d.by}.`,
    todo: (d) => `It waits for ${roles(d.missing)}: the buttons are in the thread.`,
  },
  'request-decided': {
    what: (d) => `This request for phase ${d.phase} was ${d.how} by ${d.by}. Your click changed nothing.`,
    todo: () => 'The thread shows where the rollout stands.',
  },
  'request-expired': {
    what: (d) => `This request for phase ${d.phase} has expired. Your click changed nothing.`,
    todo: () => 'Ask again with `/deploy advance`.',
  },
  'plan-changed': {
    what: (d) => `The plan of phase ${d.phase} has changed since it was shown.`,
    todo: () => 'Ask again with `/deploy advance`; sign-offs of the old plan do not count.',
  },
  'role-not-held': {
    what: (d) => `This needs ${roles(d.roles)}; you hold none of these roles.`,
    todo: (d) =>
      d.holders.length > 0 ? `Ask ${d.holders.join(', ')}.` : 'Nobody holds it: see `roles` in the configuration.',
  },
  'requester-may-not-sign': {
    what: (d) => `You asked for phase ${d.phase} yourself, and this phase wants somebody else's sign-off.`,
    todo: () => 'Ask another holder of the role.',
  },
  'already-signed': {
    what: (d) => `You have signed this request already, as ${d.role}. One person counts once.`,
    todo: () => 'The other roles are signed by other people.',
  },
  'slot-taken': {
    what: (d) => `${d.role} was signed already, by ${d.by}.`,
    todo: () => 'Nothing is left to do for this role.',
  },
  'already-rolling-back': {
    what: (d) => `It is being rolled back already (ordered by ${d.by}).`,
    todo: () => 'The thread tells when all traffic is on stable.',
  },
  'already-paused': {
    what: (d) => `It is paused already, by ${d.by}.`,
    todo: () => 'Go on with `/deploy resume`.',
  },
  'not-paused': { what: () => 'It is not paused.', todo: () => 'Hold it with `/deploy pause`.' },
  'is-paused': {
    what: (d) => `It is paused, by ${d.by}.`,
    todo: () => 'Go on with `/deploy resume` first. Rolling back works at any time.',
  },
  'held-by-breach': {
    what: (d) => `${d.metric} is over its limit right now.`,
    todo: () => 'Wait until it is confirmed or gone.',
  },
  'config-unreadable': {
    what: (d) => `The configuration ${d.file} can't be read.`,
    todo: () => 'Name an existing file with --config or SLIPWAY_CONFIG.',
  },
  'config-invalid': {
    what: (d) => `The configuration ${d.file} has mistakes:\n${d.mistakes}`,
    todo: (d) => `Mend them; \`slipway config check ${d.file}\` prints them again.`,
  },
  'environment-invalid': {
    what: (d) => `The environment is incomplete:\n${d.mistakes}`,
    todo: () => 'Set these variables, or mount them as files (NAME_FILE).',
  },
  'ledger-conflict': {
    what: (d) => `${d.rollout} changed at the same moment, again and again.`,
    todo: () => 'Try again in a moment.',
  },
  'ledger-unavailable': {
    what: (d) => `Redis did not answer within ${d.after} ms.`,
    todo: () => 'Watching and rollback go on without it; everything else waits until it is back.',
  },
  'ledger-newer-schema': {
    what: (d) => `${d.rollout} has an event (${d.type} v${d.version}) of a newer Slipway.`,
    todo: () => 'This process leaves the rollout to newer ones. Update it.',
  },
  'ledger-corrupt': {
    what: (d) => `Event ${d.seq} of ${d.rollout} can't be read.`,
    todo: () => 'Do not edit the ledger. Roll back with `slipway rollback -f` if traffic is on the canary.',
  },
  'cluster-unreachable': {
    what: (d) => `The Kubernetes API server did not answer (${d.what}).`,
    todo: () => 'Slipway goes on trying. Check the API server and the network between.',
  },
  'cluster-forbidden': {
    what: (d) => `The API server refused: forbidden (${d.what}).`,
    todo: () => "Compare Slipway's Role with k8s/slipway-rbac.yaml.",
  },
  'cluster-not-found': {
    what: (d) => `${d.what} does not exist.`,
    todo: () => 'Create it, or correct its name in the configuration.',
  },
  'cluster-refused': {
    what: (d) => `The API server refused ${d.what} (status ${d.status}).`,
    todo: () => 'The log holds its answer.',
  },
  'route-ambiguous': {
    what: (d) => `${d.what} has several routes that could be meant: ${d.names}.`,
    todo: () => 'Name one with cluster.traffic.route in the configuration.',
  },
  'newer-fence': {
    what: (d) => `${d.what} carries a newer fence (${d.found}) than this order (${d.ours}). Nothing was written.`,
    todo: () => 'Nothing to do: a newer order is in charge.',
  },
  'fence-closed': {
    what: (d) => `${d.what} was taken back by break-glass (${d.by}, ${d.at}). Nothing was written.`,
    todo: () => 'This rollout never moves forward again. Start the next one with `/deploy readiness <version>`.',
  },
  'weights-differ': {
    what: (d) =>
      `Somebody else changed the weights of ${d.what}: expected ${d.expected}, found ${d.found}. Nothing was written.`,
    todo: () => 'Put them back, or roll back.',
  },
  'read-back-differs': {
    what: (d) => `${d.what} reads back ${d.found} after ${d.wanted} was written.`,
    todo: () => 'Somebody else writes to it. Find out who with `kubectl get -o yaml --show-managed-fields`.',
  },
  'stable-not-ready': {
    what: (d) => `Stable (${d.track}) has no ready pod: taking the traffic there would lose it.`,
    todo: () => 'Decide: bring stable up, or force it with `/deploy rollback -f`.',
  },
  'canary-not-ready': {
    what: (d) => `The canary can't start. Pod ${d.pod}: ${d.reason}: ${d.message}`,
    todo: () => 'Mend the image or the cluster, then Retry; or roll back.',
  },
  'canary-slow': {
    what: (d) => `Only ${d.ready} of ${d.wanted} pods of the canary were ready after ${d.after}.`,
    todo: () => 'Look at the pods, then Retry; or roll back.',
  },
  'paging-refused': {
    what: (d) => `PagerDuty refused the page (status ${d.status}).`,
    todo: () => 'Check the routing key. Call the person on duty yourself.',
  },
  'paging-unreachable': {
    what: () => 'PagerDuty does not answer.',
    todo: () => 'Slipway goes on trying. Call the person on duty yourself.',
  },
  'slack-refused': {
    what: (d) => `Slack refused ${d.method}: ${d.error}.`,
    todo: () => "Check the app's scopes against manifest.yml, and that it is in the channel.",
  },
  'slack-unreachable': {
    what: (d) => `Slack did not answer ${d.method}.`,
    todo: () => 'Slipway goes on trying; nothing is lost.',
  },
  usage: { what: (d) => d.what, todo: () => 'See `slipway help` or `/deploy help`.' },
}

/** An error that a person can read: its code, what happened, what to do. The cause is for the log. */
export class SlipwayError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'SlipwayError'
  readonly code: C
  readonly detail: Details[C]
  readonly todo: string

  constructor(code: C, detail: Details[C], options?: { cause?: unknown }) {
    super(errorTable[code].what(detail), options)
    this.code = code
    this.detail = detail
    this.todo = errorTable[code].todo(detail)
  }
}

/** The words for a refusal, to show to its sender. */
export function refusalText(refusal: Refusal): string {
  const words = wordsOf(errorTable, refusal.code)
  return `${words.what(refusal.detail)} ${words.todo(refusal.detail)}`
}

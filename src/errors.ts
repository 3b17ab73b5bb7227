import { releaseOf, releaseText } from './config/release-name.ts'
import type { PlanChange } from './rollout/events.ts'
import type { Refusal, Refusals } from './rollout/refusal.ts'
import { momentText, wallText } from './rollout/wall-time.ts'
import { wordsOf } from './unchecked.ts'

/** What errors of the adapters tell, beside the refusals of the rollout itself. */
interface Failures {
  'config-unreadable': { file: string }
  'config-mode': { version: string; stage: string }
  'config-invalid': { file: string; mistakes: string }
  'environment-invalid': { mistakes: string }
  'port-refused': { port: number; why: string }
  'ledger-conflict': { rollout: string }
  'ledger-unavailable': { after: number }
  'ledger-refused': Record<string, never>
  'not-handed-over': { what: string; refused: boolean }
  'hand-over-in-doubt': Record<string, never>
  'lease-lost': Record<string, never>
  'ledger-newer-schema': { rollout: string; type: string; version: number }
  'ledger-corrupt': { rollout: string; seq: number }
  'ledger-gap': { rollout: string; seq: number }
  'replay-differs': { rollout: string; seq: number }
  /** `after`: for so long (ms) it asks to be left alone. */
  'cluster-unreachable': { what: string; after?: number }
  'kubeconfig-unreadable': { file: string }
  'cluster-forbidden': { what: string }
  'cluster-not-found': { what: string }
  /** `after`: for so long (ms) it was tried. */
  'by-hand-given-up': { what: string; after: number; why: string }
  'by-hand-forbidden': { what: string }
  'by-hand-not-found': { what: string }
  'kind-not-served': { what: string; since: string; check: string }
  'cluster-refused': { what: string; status: number }
  'cluster-unreadable': { what: string }
  'other-service': { what: string; service: string; found: string }
  'route-ambiguous': { what: string; names: string }
  'newer-fence': { what: string; ours: string; found: string }
  'fence-unknown': { what: string; ours: string; found: string }
  'fence-closed': { what: string; by: string; at: string }
  'order-too-old': { what: string }
  'weights-differ': { what: string; expected: string; found: string }
  'weights-too-coarse': { what: string; sum: number; weight: number }
  'subset-missing': { host: string; subset: string; namespace: string }
  'destination-misleads': { what: string; fault: string }
  'track-shared': { what: string; track: string; names: string }
  'second-controller': { what: string; controller: string; evidence: string }
  'read-back-differs': { what: string; wanted: string; found: string }
  'stable-not-ready': { track: string }
  'stable-empty': { track: string }
  'quota-full': { short: string; pods: number }
  'autoscaler-too-small': { name: string; maximum: number; size: number }
  /** `log`: the last lines of the container that ended. */
  'canary-not-ready': { pod: string; reason: string; message: string; log: readonly string[] }
  'canary-slow': { ready: number; wanted: number; old: number; after: string }
  'image-changed': Record<string, never>
  'sign-offs-lapsed': { phase: number }
  'rise-unsigned': { from: number; to: number }
  'rise-held': { from: number; to: number; by: string }
  'paging-refused': { status: number }
  'paging-unreachable': { after?: number }
  'metrics-unreachable': { detail: string }
  'query-failed': { detail: string }
  'address-unreachable': { url: string }
  'address-refused': { url: string; status: number }
  'registry-refused': { registry: string; status: number }
  'slack-refused': { method: string; error: string }
  'slack-token': { name: string; error: string }
  'slack-scopes': { missing: string }
  'slack-channel': { channel: string; error: 'unknown' | 'not a member' }
  'slack-unreachable': { method: string }
  'slack-throttled': { method: string; after: number }
  /** `of`: who was asked, where it is not Slack. */
  'people-unknown': { method: string; after?: number; of?: 'PagerDuty' }
  'people-refused': { method: string; error: string; of?: 'PagerDuty' }
  'user-groups-missing': Record<string, never>
  'user-group-unknown': { role: string; group: string }
  'people-undecided': Record<string, never>
  'locked-already': { by: string; at: number; reason: string }
  'not-locked': Record<string, never>
  'handover-outside': { name: string }
  'other-channel': { channel: string }
  'not-a-member': { holders: readonly string[] }
  'sandbox-program-missing': { name: string }
  'sandbox-start-failed': { name: string; output: string; code: number | null }
  'sandbox-directory-taken': { directory: string }
  'sandbox-not-running': { where: string }
  'sandbox-no-message': { after: number; last: string }
  'sandbox-nothing-to-click': { wanted: string; found: string }
  'sink-refused': { where: string; why: string }
  'sink-unreachable': { where: string }
  'nobody-took': { service: string }
  'no-answer-yet': { service: string }
  'rollout-unknown': { rollout: number }
  'wish-too-old': Record<string, never>
  'given-up': { what: string; todo: string }
  usage: { what: string }
  'button-over': { why: string }
  'other-thread': { version: string }
}

type Details = Refusals & Failures
/** The code of every error Slipway tells a person. */
export type ErrorCode = keyof Details
type Words<D> = { readonly what: (d: D) => string; readonly todo: (d: D) => string }

const roles = (list: readonly string[]) => [...new Set(list)].join(' or ')

/** One field of a plan that has changed. */
/** What somebody said something before, as a sentence goes on with it. */
function saidBeforeText(d: Refusals['said-before']): string {
  switch (d.moment) {
    case 'started':
      return `the rollout of ${d.version} was started`
    case 'ended':
      return `the rollout of ${d.version} had ended`
    case 'phase':
      return `phase ${d.phase} had started`
    case 'locked':
      return 'it was locked as it is now'
    case 'unlocked':
      return 'it was unlocked'
    case 'paused':
      return 'it was paused as it is now'
    case 'failed':
      return 'this step had failed'
    case 'changed':
      return 'this change of the cluster was found'
    case 'awaited':
      return 'this decision was awaited'
    case 'withdrawn':
      return 'you took your sign-off back'
    case 'held':
      return 'its clean-up was held as it is now'
  }
}

function changeText({ field, before, after }: PlanChange): string {
  return `${field} was ${before}, is ${after}`
}

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
  'report-other-image': {
    what: (d) => `The newest readiness report of ${d.version} is about ${d.image}, not about ${d.wanted}.`,
    todo: (d) => `Run \`/deploy readiness ${releaseText(releaseOf({ version: d.version, image: d.wanted }))}\` first.`,
  },
  'report-not-ready': {
    what: (d) => `The readiness report for ${d.version} says not ready (${d.blocks} blocking).`,
    todo: (d) => `Mend what the report lists, then run \`/deploy readiness ${d.version}\` again.`,
  },
  'report-other-configuration': {
    what: (d) => `The configuration has changed since the readiness report of ${d.version}.`,
    todo: (d) => `Run \`/deploy readiness ${releaseText(releaseOf(d))}\` again.`,
  },
  'rollout-over': {
    what: (d) => `This rollout is over (${d.stage}). Nothing was changed.`,
    todo: () => 'Start the next one with `/deploy readiness <version>`.',
  },
  frozen: {
    what: (d) =>
      `Frozen (${d.title}) until ${wallText(d.until, d.zone)}: nothing starts or moves forward. Nothing was changed.`,
    todo: (d) => `Ask again then, or have it overridden: ${d.role} by \`${d.how}\`. A rollback works all the same.`,
  },
  locked: {
    what: (d) =>
      `Locked by ${d.by} since ${momentText(d.at)}: ${d.reason}. Nothing starts or moves forward, nothing was changed.`,
    todo: (d) =>
      `Have it unlocked with \`/deploy unlock\`, or overridden: ${d.role} by \`${d.how}\`. A rollback works all the same.`,
  },
  'locked-already': {
    what: (d) => `It is locked already, by ${d.by} since ${momentText(d.at)}: ${d.reason}.`,
    todo: () => 'Unlock it with `/deploy unlock`.',
  },
  'not-locked': { what: () => 'Nothing is locked.', todo: () => 'Lock it with `/deploy lock <reason>`.' },
  'not-possible-now': {
    what: (d) => `Can't ${d.what} now: the rollout is ${d.stage}. Nothing was changed.`,
    todo: (d) => d.instead,
  },
  'already-asked': {
    what: (d) => `Phase ${d.phase} was asked for already, by ${d.by}.`,
    todo: (d) =>
      d.missing.length === 0
        ? 'Every role has signed: it starts when the phase before has passed and nothing holds it.'
        : `It waits for ${roles(d.missing)}: the buttons are in the thread.`,
  },
  'request-unknown': {
    what: () => 'No such request is known. Your click changed nothing.',
    todo: () => 'The thread shows where the rollout stands, and its newest buttons work.',
  },
  'no-request': {
    what: (d) => `Nothing waits for a sign-off now: the rollout is ${d.stage}.`,
    todo: () => 'Ask for the next phase with `/deploy advance` once the thread offers it.',
  },
  'request-decided': {
    what: (d) =>
      `This request for phase ${d.phase} was ${d.how} by ${d.by} at ${momentText(d.at)}. Your click changed nothing.`,
    todo: () => 'The thread shows where the rollout stands.',
  },
  'request-expired': {
    what: (d) => `This request for phase ${d.phase} expired at ${momentText(d.at)}. Your click changed nothing.`,
    todo: () => 'Ask again with `/deploy advance`.',
  },
  'plan-changed': {
    what: (d) =>
      `The plan of phase ${d.phase} has changed since it was shown: ${d.changes.map(changeText).join('; ')}.`,
    todo: () => 'Ask again with `/deploy advance`; sign-offs of the old plan do not count.',
  },
  'choose-role': {
    what: (d) => `You hold several roles that are still missing: ${roles(d.offers.map((o) => o.role))}.`,
    todo: () => 'Choose the one in which you sign: one person counts once.',
  },
  'role-not-needed': {
    what: (d) => `Nobody needs to sign as ${d.role} here.`,
    todo: (d) => `It takes ${roles(d.roles)}.`,
  },
  'not-signed': {
    what: (d) => `You have not signed this request for phase ${d.phase}, so there is nothing to withdraw.`,
    todo: () => 'The card shows who has signed.',
  },
  'quorum-met': {
    what: (d) => `Every role has signed phase ${d.phase}: a sign-off can be withdrawn only until then.`,
    todo: (d) =>
      d.observed
        ? 'Have the request cancelled. Nothing moves by it: Slipway only observes this release.'
        : 'Hold it with `/deploy pause`, or have the request cancelled; once it has traffic, roll back.',
  },
  'may-not-cancel': {
    what: (d) => `This request is for ${d.by}, who asked, or for ${roles(d.roles)} to cancel.`,
    todo: (d) => (d.holders.length > 0 ? `Ask ${d.holders.join(', ')}; or reject it.` : 'Or reject it.'),
  },
  'nudged-already': {
    what: (d) => `Those who are missing were reminded at ${momentText(d.at)}, by ${d.by}.`,
    todo: (d) => `They can be reminded again at ${momentText(d.again)}.`,
  },
  'nobody-to-nudge': {
    what: (d) => `Nobody is known who could still sign for phase ${d.phase}.`,
    todo: () => 'The card shows which roles are missing; `roles` in the configuration says who holds them.',
  },
  'no-such-checkpoint': {
    what: (d) => `This is no checkpoint of phase ${d.phase} that can be ticked off now.`,
    todo: () => 'The thread shows where the rollout stands, and its newest buttons work.',
  },
  'already-ticked': {
    what: (d) => `This was ticked off already, by ${d.by} at ${momentText(d.at)}.`,
    todo: () => 'Nothing is left to do for it.',
  },
  'role-not-held': {
    what: (d) => `This needs ${roles(d.roles)}; you hold none of these roles.`,
    todo: (d) =>
      d.holders.length > 0
        ? `Ask ${d.holders.join(', ')}.`
        : 'Nobody holds it at the moment: see `roles` in the configuration. Of a schedule, whoever is on call holds it, found in Slack by e-mail.',
  },
  'not-a-member': {
    what: () =>
      'Slipway takes this from full members of the workspace only: no guests, no bots, nobody of another one.',
    todo: (d) => (d.holders.length > 0 ? `Ask ${d.holders.join(', ')}.` : 'Ask a full member of the channel.'),
  },
  'requester-may-not-sign': {
    what: (d) => `You asked for this yourself (phase ${d.phase}); it wants somebody else's sign-off.`,
    todo: () => 'Ask another holder of the role.',
  },
  'already-signed': {
    what: (d) => `You have signed this request already, as ${d.role} at ${momentText(d.at)}. One person counts once.`,
    todo: () => 'The other roles are signed by other people.',
  },
  'slot-taken': {
    what: (d) => `${d.role} was signed already, by ${d.by} at ${momentText(d.at)}.`,
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
  'in-charge-already': {
    what: (d) => `${d.name} is in charge already.`,
    todo: () => 'Name somebody else: `/deploy handover @someone`.',
  },
  'handover-outside': {
    what: (d) => `${d.name} is no full member of the workspace, so the release can't be handed over to them.`,
    todo: () => 'Name somebody else: `/deploy handover @someone`.',
  },
  'not-paused': { what: () => 'It is not paused.', todo: () => 'Hold it with `/deploy pause`.' },
  'is-paused': {
    what: (d) => `It is paused, by ${d.by}.`,
    todo: () => 'Go on with `/deploy resume` first. Rolling back works at any time.',
  },
  'skip-asked-already': {
    what: (d) => `${d.by} has asked to skip this soak already.`,
    todo: (d) => `It waits for ${roles(d.roles)}: the buttons are in the thread.`,
  },
  'traffic-already': {
    what: (d) => `The canary gets ${d.weight} % already, or is about to: aborting is for a rollout without traffic.`,
    todo: () => 'Use `/deploy rollback`.',
  },
  'record-lost': {
    what: (d) =>
      `Slipway's record of this rollout is not complete (Redis lost it), so it holds: the canary gets ${d.weight} % and is watched.`,
    todo: () => 'Roll back; once the canary has 100 %, it can be accepted instead.',
  },
  'clean-up-pending': {
    what: (d) => `${d.version} is ${d.stage}, but its unused pods are not cleaned up yet.`,
    todo: () =>
      'Try again in a moment; where the thread asks about the pods, look, then press its button or use `/deploy finish`.',
  },
  'observes-only': {
    what: (d) => `Slipway only observes here (mode: observe), so it can't ${d.what}. Nothing was changed.`,
    todo: () =>
      'Whoever drives the release does that by hand; the card holds the `kubectl` line that takes all traffic back to stable. `/deploy abort` ends the observation.',
  },
  'config-mode': {
    what: (d) =>
      `The configuration says \`mode: observe\`, but Slipway itself drives ${d.version} (${d.stage}), and that release needs its hands.`,
    todo: () => 'Finish it or roll it back with `mode: act`, then change the mode.',
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
  'port-refused': {
    what: (d) => `Port ${d.port} can't be listened on (${d.why}).`,
    todo: () => 'End what listens there, or set SLIPWAY_HTTP_PORT to another one.',
  },
  'ledger-conflict': {
    what: (d) => `${d.rollout} changed at the same moment, again and again.`,
    todo: () => 'Try again in a moment.',
  },
  'ledger-unavailable': {
    what: (d) => `Redis did not answer within ${d.after} ms.`,
    todo: () => 'Watching and rollback go on without it; everything else waits until it is back.',
  },
  'not-handed-over': {
    what: (d) => `${d.what} Nothing was done.`,
    todo: (d) =>
      `${d.refused ? 'Correct SLIPWAY_REDIS_URL' : 'Wait until Redis is back'}, then ask again; to take traffic back without Redis, \`slipway rollback -f\`.`,
  },
  'hand-over-in-doubt': {
    what: () => 'Redis did not confirm it in time: it may be done all the same, or not at all.',
    todo: () => 'Look at the thread in a moment.',
  },
  'ledger-refused': {
    what: () => 'Redis refuses to be used: user or password is wrong, or may not do enough.',
    todo: () => 'Correct SLIPWAY_REDIS_URL and start Slipway again.',
  },
  'lease-lost': {
    what: () => 'This process stood still for too long; another one has taken the work over.',
    todo: () => 'Nothing to do.',
  },
  'ledger-newer-schema': {
    what: (d) => `${d.rollout} has an event (${d.type} v${d.version}) of a newer Slipway.`,
    todo: () => 'This process leaves the rollout to newer ones. Update it.',
  },
  'ledger-corrupt': {
    what: (d) => `Event ${d.seq} of ${d.rollout} can't be read.`,
    todo: () => 'Do not edit the ledger. Roll back with `slipway rollback -f` if traffic is on the canary.',
  },
  'ledger-gap': {
    what: (d) => `Event ${d.seq} of ${d.rollout} is missing.`,
    todo: () => 'From a journal: add the output of the other processes. From Redis: do not edit the ledger.',
  },
  'replay-differs': {
    what: (d) => `${d.rollout} folds to another state than a running process has after event ${d.seq}.`,
    todo: () => 'This is a fault of Slipway: report it with the ledger. Restart the processes.',
  },
  'kubeconfig-unreadable': {
    what: (d) => `The kubeconfig ${d.file} can't be read, or names no cluster.`,
    todo: () => 'Name an existing one with KUBECONFIG, or with --kubeconfig for break-glass.',
  },
  'cluster-unreachable': {
    what: ({ what, after }) =>
      after === undefined
        ? `The Kubernetes API server did not answer (${what}).`
        : `The Kubernetes API server asks for a pause of ${Math.ceil(after / 1_000)} s (${what}).`,
    todo: () => 'Slipway goes on trying. Check the API server and the network between.',
  },
  'cluster-forbidden': {
    what: (d) => `The API server refused: forbidden (${d.what}).`,
    todo: () =>
      "Compare Slipway's Role with k8s/slipway-rbac.yaml, for an HTTPRoute also with k8s/slipway-rbac-http-route.yaml.",
  },
  'cluster-not-found': {
    what: (d) => `${d.what} does not exist.`,
    todo: () => 'Create it, or correct its name in the configuration.',
  },
  'by-hand-given-up': {
    what: (d) => `${d.what} Given up after ${Math.round(d.after / 1_000)} s (${d.why}): nothing goes on by itself.`,
    todo: () =>
      'Mend that and try again, name another kubeconfig with --kubeconfig, or use the `kubectl` line on the card.',
  },
  'by-hand-forbidden': {
    what: (d) => d.what,
    todo: () =>
      'Your own account must be allowed to list, get and patch the route there: log in again, or name another kubeconfig with --kubeconfig.',
  },
  'by-hand-not-found': {
    what: (d) => d.what,
    todo: () => 'Name the namespace with --namespace, and the service with --service as in its configuration.',
  },
  'kind-not-served': {
    what: (d) => `This API server serves no ${d.what}: they came with Kubernetes ${d.since}.`,
    todo: (d) => `Update the cluster, or leave it unchecked: readiness.checks.${d.check}.severity: off.`,
  },
  'cluster-refused': {
    what: (d) => `The API server refused ${d.what} (status ${d.status}).`,
    todo: () => 'The log holds its answer.',
  },
  'cluster-unreadable': {
    what: (d) => `${d.what} can't be read: it is not what Slipway wrote or expects. Nothing was written.`,
    todo: () =>
      'Look at it with `kubectl get -o yaml`. A mark that was edited by hand is mended, or removed with `kubectl annotate <kind> <name> slipway.dev/mark-`.',
  },
  'other-service': {
    what: (d) => `${d.what} is marked by ${d.found}, not by ${d.service}. Nothing was written.`,
    todo: () =>
      'Give each service a route of its own. After a renaming, remove the mark: `kubectl annotate <kind> <name> slipway.dev/mark-`.',
  },
  'route-ambiguous': {
    what: (d) => `${d.what} has several routes that could be meant: ${d.names}.`,
    todo: () => 'Name one: cluster.traffic.route in the configuration, or --service for break-glass.',
  },
  'newer-fence': {
    what: (d) => `${d.what} carries a newer fence (${d.found}) than this order (${d.ours}). Nothing was written.`,
    todo: () => 'Nothing to do: a newer order is in charge.',
  },
  'fence-unknown': {
    what: (d) =>
      `${d.what} carries the fence of an order (${d.found}) that the record of this rollout does not know, so it has lost a part; this order is ${d.ours}. Nothing was written.`,
    todo: () => 'Look at what happened to Redis. Roll back, or retry once you know who wrote it.',
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
  'weights-too-coarse': {
    what: (d) =>
      `The two weights of ${d.what} add up to ${d.sum}: the least that can be written is more than ${d.weight} %. Nothing was written.`,
    todo: () => 'Give one track 100 and the other 0, then try again.',
  },
  'subset-missing': {
    what: (d) => `No DestinationRule in ${d.namespace} defines subset ${d.subset} of ${d.host}.`,
    todo: () => 'Define it, or correct the destination in the configuration.',
  },
  'destination-misleads': {
    what: (d) => `${d.what} ${d.fault}.`,
    todo: () =>
      "Make its labels those of its track's pods: otherwise the weights say one thing and the traffic does another.",
  },
  'track-shared': {
    what: (d) => `Other routes of ${d.what} send to ${d.track} as well: ${d.names}. The weights don't reach them.`,
    todo: (d) =>
      `Take ${d.track} out of them: let the managed route match their requests, so that the weights split those too, or give them pods of their own.`,
  },
  'second-controller': {
    what: (d) => `${d.controller} controls the same weights as Slipway would on ${d.what}: ${d.evidence}.`,
    todo: (d) =>
      `Take the service out of ${d.controller}, or release it with that alone. What a controller wrote that is gone: docs/operations.md, _A second controller_.`,
  },
  'order-too-old': {
    what: (d) => `${d.what} was not written: too much time has passed since it was clear that nothing holds it.`,
    todo: () =>
      'That is asked again, and the write tried again. If it lasts, the API server or this process is too slow.',
  },
  'read-back-differs': {
    what: (d) => `${d.what} reads back ${d.found} after ${d.wanted} was written.`,
    todo: () => 'Somebody else writes to it. Find out who with `kubectl get -o yaml --show-managed-fields`.',
  },
  'stable-not-ready': {
    what: (d) => `Stable (${d.track}) has no ready pod: taking the traffic there would lose it.`,
    todo: () => 'Decide: bring stable up, or force it with `/deploy rollback -f`.',
  },
  'stable-empty': {
    what: (d) => `Stable (${d.track}) has no pods, so a rollback would have nowhere to go.`,
    todo: () => 'Bring it up, then Retry; or abort.',
  },
  'quota-full': {
    what: (d) => `The namespace's quotas leave no room for ${d.pods} more pods (${d.short}).`,
    todo: () => 'Raise the quota or free room, then Retry; or abort.',
  },
  'autoscaler-too-small': {
    what: (d) =>
      `HorizontalPodAutoscaler ${d.name} allows ${d.maximum} pods at most; the release needs ${d.size} of each track.`,
    todo: () => 'Raise its maxReplicas, then Retry; or abort.',
  },
  'canary-not-ready': {
    what: (d) => `The canary can't start. ${d.pod}: ${d.reason}${d.message === '' ? '' : `: ${d.message}`}`,
    todo: () => 'Mend the image or the cluster, then Retry; or roll back.',
  },
  'rise-unsigned': {
    what: (d) =>
      `No sign-offs on record allow the canary to go from ${d.from} % to ${d.to} %: what was decided there is lost.`,
    todo: () => 'Roll back; or set the weight by hand, if it is to be so.',
  },
  'rise-held': {
    what: (d) => `The canary would go from ${d.from} % to ${d.to} %, and is kept from it: ${d.by}.`,
    todo: () => 'Take over once that is gone; or roll back.',
  },
  'canary-slow': {
    what: (d) =>
      d.old > 0
        ? `${d.ready} of ${d.wanted} pods of the canary were ready after ${d.after}, and ${d.old} of another image still served beside them.`
        : `Only ${d.ready} of ${d.wanted} pods of the canary were ready after ${d.after}.`,
    todo: () => 'Look at the pods, then Retry; or roll back.',
  },
  'image-changed': {
    what: () =>
      'Pods of the canary run another image under the same tag than those that were there when the phase was signed.',
    todo: () =>
      'Roll back, and release the image by its digest; or the deciding role lets it go on, with `/deploy override <reason>`.',
  },
  'sign-offs-lapsed': {
    what: (d) => `Phase ${d.phase} has not had its weight within the time that its sign-offs stand.`,
    todo: () => 'The deciding role lets it go on, with `/deploy override <reason>`; or roll back.',
  },
  'paging-refused': {
    what: (d) => `PagerDuty refused the page (status ${d.status}).`,
    todo: () =>
      'Check PAGERDUTY_ROUTING_KEY (and PAGERDUTY_API_TOKEN). Until then nobody is paged: call the person on duty yourself.',
  },
  'paging-unreachable': {
    what: ({ after }) =>
      after === undefined
        ? 'PagerDuty does not answer.'
        : `PagerDuty asks for a pause of ${Math.ceil(after / 1_000)} s.`,
    todo: () => 'Slipway goes on trying. Call the person on duty yourself.',
  },
  'metrics-unreachable': {
    what: (d) => `Prometheus gives no number (${d.detail}).`,
    todo: () =>
      'Slipway goes on asking; a soak holds meanwhile, and rolling back works. Check prometheus.url, or SLIPWAY_PROMETHEUS_URL where it is set.',
  },
  'query-failed': {
    what: (d) => `Prometheus gave no usable answer (${d.detail}).`,
    todo: () => 'Check the query, and prometheus.url, or SLIPWAY_PROMETHEUS_URL where it is set.',
  },
  'slack-token': {
    what: (d) => `Slack does not take ${d.name} (${d.error}).`,
    todo: (d) =>
      d.name === 'SLACK_APP_TOKEN'
        ? "Make a token with the scope connections:write under the app's Basic Information, App-Level Tokens, set it, and start Slipway again."
        : "Copy the bot token again from the app's OAuth & Permissions, set it, and start Slipway again.",
  },
  'slack-scopes': {
    what: (d) => `SLACK_BOT_TOKEN lacks scopes: ${d.missing}.`,
    todo: () => "Add them under the app's OAuth & Permissions (manifest.yml has them all), and reinstall the app.",
  },
  'slack-channel': {
    what: (d) =>
      d.error === 'unknown'
        ? `Slack knows no channel ${d.channel} that Slipway may see.`
        : `Slipway is not in the channel ${d.channel}.`,
    todo: (d) =>
      d.error === 'unknown'
        ? 'Correct slack.channel in the configuration; a private channel shows itself only after `/invite @slipway` there.'
        : 'Use `/invite @slipway` there.',
  },
  'address-unreachable': {
    what: (d) => `${d.url} did not answer.`,
    todo: () => 'Check the address in the configuration, and the network between.',
  },
  'address-refused': {
    what: (d) => `${d.url} did not answer as expected (status ${d.status}).`,
    todo: () => 'Check the address in the configuration, and the token or credentials for it.',
  },
  'registry-refused': {
    what: (d) => `The registry ${d.registry} refused to be asked (status ${d.status}).`,
    todo: () => 'Set SLIPWAY_REGISTRY_CREDENTIALS to a user that may pull the image.',
  },
  'slack-refused': {
    what: (d) => `Slack refused ${d.method}: ${d.error}.`,
    todo: () => "Check the app's scopes against manifest.yml, and that it is in the channel.",
  },
  'people-unknown': {
    what: (d) => `${d.of ?? 'Slack'} does not say at the moment who holds a role (${d.method}).`,
    todo: () => 'Slipway asks again by itself. A rollback does not wait for it.',
  },
  'people-refused': {
    what: (d) => `${d.of ?? 'Slack'} refuses to say who holds a role (${d.method}: ${d.error}).`,
    todo: (d) =>
      d.of === undefined
        ? "Check the app's scopes against manifest.yml and install it again. A rollback works all the same."
        : 'Check PAGERDUTY_API_TOKEN. A rollback works all the same.',
  },
  'user-groups-missing': {
    what: () => 'This workspace has no user groups (they need a paid plan of Slack), so no role can be held by one.',
    todo: () => 'Name the people themselves under `roles.<role>.users` in the configuration.',
  },
  'user-group-unknown': {
    what: (d) => `This workspace has no active user group ${d.group}, by which the role ${d.role} is held.`,
    todo: (d) => `Create or enable it in Slack, or correct \`roles.${d.role}.groups\` in the configuration.`,
  },
  'people-undecided': {
    what: () => 'Slack did not say who holds a role for some minutes, so this could not be decided.',
    todo: () => 'Do it again; a rollback works without it.',
  },
  'slack-throttled': {
    what: (d) => `Slack asks for a pause of ${Math.round(d.after / 1_000)} s (${d.method}).`,
    todo: () => 'Slipway waits and goes on; nothing is lost.',
  },
  'slack-unreachable': {
    what: (d) => `Slack did not answer ${d.method}.`,
    todo: () => 'Slipway goes on trying; nothing is lost.',
  },
  'sandbox-program-missing': {
    what: (d) => `The sandbox needs ${d.name}, and it is not on the PATH.`,
    todo: () => 'script/setup installs what it can; on other systems than Debian and Ubuntu it says how.',
  },
  'sandbox-start-failed': {
    what: (d) => `${d.name} did not start. The end of what it printed:\n${d.output}`,
    todo: () => 'Mend that, then start the sandbox again. It has left nothing behind.',
  },
  'sandbox-no-message': {
    what: (d) => `No such message came within ${d.after} ms. The last ones:\n${d.last}`,
    todo: () => "Slipway's log is slipway.log in the sandbox's directory.",
  },
  'sandbox-nothing-to-click': {
    what: (d) => `The message has no ${d.wanted} to click, but ${d.found}.`,
    todo: () => 'Wait for the message that has it.',
  },
  'sandbox-not-running': {
    what: (d) => `No sandbox answers from ${d.where}.`,
    todo: () => 'Start one with script/sandbox, or name its directory with --dir.',
  },
  'sandbox-directory-taken': {
    what: (d) => `${d.directory} is not empty, and the sandbox removes its directory at the end.`,
    todo: () => 'Name a directory that does not exist yet, or an empty one.',
  },
  'button-over': {
    what: (d) => `The time of this button is over: ${d.why}. Your click changed nothing.`,
    todo: () => 'The thread shows where the rollout stands, and its newest buttons work.',
  },
  'sink-refused': {
    what: (d) => `The record could not be written to ${d.where} (${d.why}).`,
    todo: () =>
      'Check record.sink, and that Slipway may write there. It goes on trying; until then the record stays in Redis.',
  },
  'sink-unreachable': {
    what: (d) => `${d.where} does not take the record.`,
    todo: () => 'Slipway goes on trying; until then the record stays in Redis.',
  },
  'nobody-took': {
    what: (d) => `No Slipway of ${d.service} is there to take it. It was withdrawn; nothing was done.`,
    todo: () => 'Start Slipway; to take traffic back without it, `slipway rollback -f`.',
  },
  'no-answer-yet': {
    what: (d) => `Slipway of ${d.service} is at it, and has not answered yet.`,
    todo: () => 'Look with `slipway status`, or in the thread.',
  },
  'rollout-unknown': {
    what: (d) => `No rollout ${d.rollout} is on record.`,
    todo: () => 'Use `/deploy history` for the last ones.',
  },
  'said-before': {
    what: (d) => `You said this before ${saidBeforeText(d)}. Nothing was done.`,
    todo: () => 'Say it again if you mean it as things are now.',
  },
  'given-up': {
    what: (d) => `${d.what} It was tried again and again, and is given up.`,
    todo: (d) => `${d.todo} Then ask again.`,
  },
  'wish-too-old': {
    what: () => 'This was asked from a terminal that no longer waits for it. Nothing was done.',
    todo: () => 'Ask again.',
  },
  'terminal-unproven': {
    what: (d) => `A terminal can't prove who you are, so it may not ${d.what}. Nothing was changed.`,
    todo: () => 'Do it in Slack.',
  },
  'other-channel': {
    what: (d) => `Releases are run in ${d.channel}. Nothing was done.`,
    todo: () => 'Use `/deploy` there.',
  },
  'other-thread': {
    what: (d) => `This thread is not that of ${d.version}, the rollout that was started last. Nothing was done.`,
    todo: () => "Say it in that rollout's thread.",
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

/** Is this a code of the table? What is on record may have one of another version. */
export function isErrorCode(code: string | undefined): code is ErrorCode {
  return code !== undefined && Object.hasOwn(errorTable, code)
}

/** The words for a refusal, to show to its sender. */
export function refusalText(refusal: Refusal): string {
  const words = wordsOf(errorTable, refusal.code)
  return `${words.what(refusal.detail)} ${words.todo(refusal.detail)}`
}

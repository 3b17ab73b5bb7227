/** What `slipway help` prints. */
export const help = `slipway: runs releases on Kubernetes from Slack

  slipway start [--config FILE] [--role app|worker|both]
                                        run Slipway (default: deployment-config.yaml, or SLIPWAY_CONFIG); app takes what
                                        comes from Slack, worker does the work, both is the default
  slipway history [ROLLOUT] [--replay] [--json] [--file FILE] [--service NAME]
                                        the rollouts in Redis, or every event of one; --replay folds them anew and prints the
                                        state and its hash; --file reads a journal instead (- is standard input); exit 1 when
                                        a ledger is not whole
  slipway audit [--since DATE|7d] [--kind KIND,KIND] [--json|--csv] [--service NAME]
                                        everything on record, oldest first: who, when, what, in which role, why, where from;
                                        kinds: command, refusal, sign-off, decision, override, slipway, retention
  slipway audit --verify [--head HEAD] [--heads FILE] [--json]
                                        compare the record with its own hashes, with the heads told in Slack, and with those
                                        given; exit 1 when something was changed, 3 when there was nothing to compare with, or Redis
                                        is away
  slipway advance [VERSION]             start the rollout, or open the request for the next phase in Slack, where it is signed
  slipway readiness VERSION [--category NAME,NAME] [--strict] [--json] [--watch]
                                        is everything in order for this version? A report that a start may rest on; exit 1 for
                                        warnings with --strict, 2 when it is not ready, 3 when there is no report; --watch looks
                                        again every 30 s until it is ended, and tells only what has changed
  slipway status                        where the release stands
  slipway pause [--reason TEXT]         hold it
  slipway resume                        go on, where a terminal held it
  slipway rollback --reason TEXT        all traffic back to stable, by a running Slipway
                                        these six take [--service NAME], are on record as by cli:user@host, unverified, and
                                        exit with 1 when refused, or when no Slipway answers within 15 s (readiness: 3, 60 s)
  slipway config check FILE             print every mistake of a configuration; exit 1 if there is one
  slipway rollback -f [--service NAME] [--namespace NAME] [--kubeconfig FILE]
                                        break-glass: all traffic back to stable with nothing but a kubeconfig
  slipway help, --help                  this text

The environment variables are listed in docs/configuration.md.
`

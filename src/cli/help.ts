/** What `slipway help` prints. */
export const help = `slipway: runs releases on Kubernetes from Slack

  slipway start [--config FILE]         run Slipway (default: deployment-config.yaml, or SLIPWAY_CONFIG)
  slipway config check FILE             print every mistake of a configuration; exit 1 if there is one
  slipway rollback -f [--service NAME] [--namespace NAME] [--kubeconfig FILE]
                                        break-glass: all traffic back to stable with nothing but a kubeconfig
  slipway help                          this text

The environment variables are listed in docs/configuration.md.
`

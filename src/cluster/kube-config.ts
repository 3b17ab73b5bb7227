import { KubeConfig } from '@kubernetes/client-node'
import { SlipwayError } from '../errors.ts'

/** What the client calls the context that it makes up, of an API server at localhost:8080, where it finds none. */
const madeUp = 'loaded-context'

/**
 * The kubeconfig in a file, or without one where kubectl finds it: KUBECONFIG, the home directory, the pod's own account.
 * @throws SlipwayError `kubeconfig-unreadable`.
 */
export function loadKubeConfig(file?: string): KubeConfig {
  const kubeConfig = new KubeConfig()
  const unreadable = (cause?: unknown) =>
    new SlipwayError(
      'kubeconfig-unreadable',
      { file: file ?? (process.env.KUBECONFIG || 'of this machine') },
      { cause },
    )
  try {
    if (file === undefined) kubeConfig.loadFromDefault()
    else kubeConfig.loadFromFile(file)
  } catch (cause) {
    throw unreadable(cause)
  }
  if (kubeConfig.getCurrentCluster() === null || kubeConfig.getCurrentContext() === madeUp) throw unreadable()
  return kubeConfig
}

import { KubeConfig } from '@kubernetes/client-node'
import { SlipwayError } from '../errors.ts'

/**
 * The kubeconfig in a file, or without one where kubectl finds it: KUBECONFIG, the home directory, the pod's own account.
 * @throws SlipwayError `kubeconfig-unreadable`.
 */
export function loadKubeConfig(file?: string): KubeConfig {
  const kubeConfig = new KubeConfig()
  try {
    if (file === undefined) kubeConfig.loadFromDefault()
    else kubeConfig.loadFromFile(file)
  } catch (cause) {
    throw new SlipwayError(
      'kubeconfig-unreadable',
      { file: file ?? process.env.KUBECONFIG ?? 'of this machine' },
      { cause },
    )
  }
  return kubeConfig
}

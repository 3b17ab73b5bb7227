import { KubeConfig } from '@kubernetes/client-node'
import { expect, test } from 'vitest'
import { createReadingClient } from '../../src/cluster/client.ts'
import { createSnapshot } from '../../src/cluster/snapshot.ts'
import { config } from '../rollout/drive.ts'

/** A look at a cluster that answers every review so. */
function answering(review: object) {
  const kubeConfig = new KubeConfig()
  const [name, namespace] = ['nowhere', 'market']
  kubeConfig.loadFromClusterAndUser({ name, server: 'http://127.0.0.1:1', skipTLSVerify: false }, { name })
  const client = createReadingClient({ kubeConfig, namespace, timeout: 1_000 })
  const inspector = { namespace, get: async () => null, review: async () => review }
  return createSnapshot({ client, inspector, config: config.cluster, weights: [5, 100] })
}

test.each([true, false])(
  'the rules that a cluster lists are read also where it lists not all: incomplete %s',
  async (incomplete) => {
    const listed = { verbs: ['get'], apiGroups: ['apps'], resources: ['deployments'] }
    const snapshot = answering({ status: { incomplete, resourceRules: [listed], nonResourceRules: [] } })
    expect(await snapshot.rules()).toEqual({
      rules: [{ verbs: ['get'], groups: ['apps'], resources: ['deployments'], names: [] }],
      incomplete,
    })
  },
)

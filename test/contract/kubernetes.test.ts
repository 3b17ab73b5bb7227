import { beforeAll, describe } from 'vitest'
import { clusterContract } from './cluster.contract.ts'
import { type ControlPlane, realOne } from './control-plane.ts'
import { manifestsContract } from './manifests.contract.ts'

const kubeconfig = process.env.SLIPWAY_TEST_KUBECONFIG
const limited = process.env.SLIPWAY_TEST_KUBECONFIG_LIMITED

describe.skipIf(!kubeconfig)('a real control plane (SLIPWAY_TEST_KUBECONFIG)', () => {
  clusterContract(() => realOne(kubeconfig ?? '', limited), limited !== undefined)

  let plane: ControlPlane
  beforeAll(async () => {
    plane = await realOne(kubeconfig ?? '', limited)
  })
  describe('the manifests', () => manifestsContract(() => plane))
})

import { describe } from 'vitest'
import { clusterContract } from './cluster.contract.ts'
import { realOne } from './control-plane.ts'

const kubeconfig = process.env.SLIPWAY_TEST_KUBECONFIG
const limited = process.env.SLIPWAY_TEST_KUBECONFIG_LIMITED

describe.skipIf(!kubeconfig)('a real control plane (SLIPWAY_TEST_KUBECONFIG)', () =>
  clusterContract(() => realOne(kubeconfig ?? '', limited), limited !== undefined),
)

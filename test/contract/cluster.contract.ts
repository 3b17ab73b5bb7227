import { afterAll, beforeAll, describe } from 'vitest'
import { accessContract } from './access.contract.ts'
import { apiContract } from './api.contract.ts'
import { autoscalersContract } from './autoscalers.contract.ts'
import { breakGlassContract } from './break-glass.contract.ts'
import type { ControlPlane } from './control-plane.ts'
import { failuresContract } from './failures.contract.ts'
import { gitOpsContract } from './git-ops.contract.ts'
import { jobsContract } from './jobs.contract.ts'
import { kindsContract } from './kinds.contract.ts'
import { observerContract } from './observer.contract.ts'
import { podsContract } from './pods.contract.ts'
import { problemsContract } from './problems.contract.ts'
import { progressContract } from './progress.contract.ts'
import { readinessContract } from './readiness.contract.ts'
import { restoreContract } from './restore.contract.ts'
import { roleContract } from './role.contract.ts'
import { snapshotContract } from './snapshot.contract.ts'
import { trafficContract } from './traffic.contract.ts'
import { watchContract } from './watch.contract.ts'
import { wholeContract } from './whole.contract.ts'
import { workloadsContract } from './workloads.contract.ts'

/**
 * The one suite that the adapter and every control plane it runs on must pass. `limited`: the adapter has no more rights
 * there than the shipped Role gives.
 */
export function clusterContract(start: () => Promise<ControlPlane>, limited = false): void {
  let plane: ControlPlane | undefined
  beforeAll(async () => {
    plane = await start()
  })
  afterAll(() => plane?.close())
  const started = () => {
    if (!plane) throw new Error('Only inside a test')
    return plane
  }
  describe('the API', () => apiContract(started))
  describe('kinds', () => kindsContract(started))
  describe('watching', () => watchContract(started))
  describe('Deployments', () => progressContract(started))
  describe('Jobs', () => jobsContract(started))
  describe('workloads', () => workloadsContract(started))
  describe('autoscalers', () => autoscalersContract(started))
  describe('pods that fail', () => podsContract(started))
  describe.each(['virtual-service', 'http-route'] as const)('by %s', (kind) => {
    describe('problems', () => problemsContract(started, kind))
    describe('traffic', () => trafficContract(started, kind))
    describe('restore', () => restoreContract(started, kind))
    describe('break-glass', () => breakGlassContract(started, kind))
    describe('failures', () => failuresContract(started, kind))
    describe('GitOps', () => gitOpsContract(started, kind))
    describe('whole objects', () => wholeContract(started, kind))
  })
  describe('readiness', () => snapshotContract(started))
  describe('a Slipway that only observes', () => observerContract(started))
  if (!limited) return
  describe('access', () => accessContract(started))
  describe('the shipped Role', () => roleContract(started))
  describe('the checks of readiness', () => readinessContract(started))
}

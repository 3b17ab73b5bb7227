import { SlipwayError } from '../../../src/errors.ts'
import type { Reach } from '../../../src/jobs/ports.ts'
import type { SimulatedProcess } from '../process.ts'

/** Whether one process reaches Slack; never throws. */
export function createReach(process: SimulatedProcess): Reach {
  const method = 'auth.test'
  const failed = () => new SlipwayError('slack-unreachable', { method })
  return {
    reachable: () => process.call({ system: 'slack', name: method, act: () => true, failed }).catch(() => false),
  }
}

import type { V1Deployment, V1DeploymentCondition } from '@kubernetes/client-node'
import { describe, expect, it } from 'vitest'
import { readDeployment } from '../../src/cluster/deployment.ts'

function withConditions(conditions: V1DeploymentCondition[], observedGeneration = 2): V1Deployment {
  return {
    metadata: { name: 'shop-green', namespace: 'market', resourceVersion: '7', generation: 2 },
    spec: {
      selector: { matchLabels: { app: 'shop' } },
      template: { spec: { containers: [{ name: 'shop', image: 'shop:2' }] } },
    },
    status: { observedGeneration, conditions },
  }
}

const late = {
  type: 'Progressing',
  status: 'False',
  reason: 'ProgressDeadlineExceeded',
  message: 'ReplicaSet "shop-green-7d9" has timed out progressing.',
}
const full = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'pods "x" exceeded quota' }
const problemOf = (...given: Parameters<typeof withConditions>) =>
  readDeployment(withConditions(...given), 'shop').problem

describe('a Deployment', () => {
  it('says that its progress deadline has passed', () => {
    expect(problemOf([late])).toEqual({ pod: 'shop-green', reason: late.reason, message: late.message })
  })

  it('says why no pod can be made, before the deadline that follows from it', () => {
    expect(problemOf([late, full])).toMatchObject({ reason: 'FailedCreate', message: 'pods "x" exceeded quota' })
  })

  it('has nothing to say while it goes on, or before its controller has seen the last change', () => {
    expect(
      problemOf([
        { ...late, status: 'True' },
        { ...full, status: 'False' },
      ]),
    ).toBeUndefined()
    expect(problemOf([late, full], 1)).toBeUndefined()
  })
})

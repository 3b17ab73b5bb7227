import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node'
import { describe, expect, it } from 'vitest'
import { isReady, isThere, problemOf } from '../../src/cluster/pods.ts'

const status = (changes: Partial<V1ContainerStatus>): V1ContainerStatus => ({
  name: 'app',
  image: 'shop:2',
  imageID: '',
  ready: false,
  restartCount: 0,
  ...changes,
})
const pod = (changes: Partial<NonNullable<V1Pod['status']>>, leaving = false): V1Pod => ({
  metadata: { name: 'shop-1', ...(leaving && { deletionTimestamp: new Date(0) }) },
  status: { phase: 'Pending', ...changes },
})
const waiting = (reason: string, message?: string) =>
  status({ state: { waiting: { reason, ...(message !== undefined && { message }) } } })

describe('problemOf', () => {
  it.each(['ImagePullBackOff', 'ErrImagePull', 'CrashLoopBackOff', 'CreateContainerConfigError', 'InvalidImageName'])(
    'tells %s',
    (reason) => {
      const found = problemOf(pod({ containerStatuses: [waiting(reason, 'its own words')] }))
      expect(found).toEqual({ pod: 'shop-1', reason, message: 'its own words' })
    },
  )

  it('waits where waiting helps', () => {
    expect(problemOf(pod({ containerStatuses: [waiting('ContainerCreating')] }))).toBeUndefined()
    expect(problemOf(pod({}))).toBeUndefined()
  })

  it('tells why nothing can take the pod', () => {
    const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes: cpu' }
    expect(problemOf(pod({ conditions: [condition] }))).toMatchObject({
      reason: 'Unschedulable',
      message: '0/3 nodes: cpu',
    })
  })

  it('puts running out of memory before the restarts that follow', () => {
    const killed = { exitCode: 137, reason: 'OOMKilled' }
    const state = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } }
    const found = problemOf(
      pod({ containerStatuses: [status({ state, lastState: { terminated: killed }, restartCount: 4 })] }),
    )
    expect(found).toMatchObject({ reason: 'OOMKilled', message: 'container app ran out of memory, 4 restarts' })
  })

  it('tells how a container that crashes ended, in its own words, and whose log tells more', () => {
    const terminated = { exitCode: 3, reason: 'Error', message: 'no such table\u001b[0m, password=hunter2' }
    const state = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s' } }
    const crashed = status({ state, lastState: { terminated }, restartCount: 4 })
    expect(problemOf(pod({ containerStatuses: [crashed] }))).toEqual({
      pod: 'shop-1',
      reason: 'CrashLoopBackOff',
      message: 'container app ended with exit code 3, 4 restarts: no such table, password=[secret]',
      ended: { container: 'app', previous: false },
    })
    // The moment before the next start.
    const ending = status({ state: { terminated: { exitCode: 1, reason: 'Error' } } })
    expect(problemOf(pod({ containerStatuses: [ending] }))).toMatchObject({ reason: 'Error' })
  })

  it('means the log of the run before where the container runs again', () => {
    const killed = { exitCode: 137, reason: 'OOMKilled' }
    const running = { running: { startedAt: new Date(0) } }
    const again = status({ state: running, lastState: { terminated: killed }, restartCount: 1 })
    expect(problemOf(pod({ containerStatuses: [again] }))).toMatchObject({
      message: 'container app ran out of memory, 1 restart',
      ended: { container: 'app', previous: true },
    })
  })

  it('has nothing to say of what ended well, or runs again after a single end', () => {
    const done = status({ state: { terminated: { exitCode: 0, reason: 'Completed' } } })
    const again = status({ state: { running: {} }, lastState: { terminated: { exitCode: 1 } }, restartCount: 1 })
    expect(problemOf(pod({ initContainerStatuses: [done], containerStatuses: [again] }))).toBeUndefined()
  })

  it('looks into init containers and sidecars', () => {
    expect(problemOf(pod({ initContainerStatuses: [waiting('CrashLoopBackOff', 'init')] }))).toMatchObject({
      message: 'init',
    })
    const both = [status({ ready: true }), waiting('ErrImagePull', 'sidecar')]
    expect(problemOf(pod({ containerStatuses: both }))).toMatchObject({ message: 'sidecar' })
  })

  it('has nothing to say of a pod that is ready or leaving', () => {
    const killed = { exitCode: 137, reason: 'OOMKilled' }
    const containerStatuses = [status({ ready: true, lastState: { terminated: killed } })]
    expect(problemOf(pod({ conditions: [{ type: 'Ready', status: 'True' }], containerStatuses }))).toBeUndefined()
    expect(problemOf(pod({ containerStatuses: [waiting('ErrImagePull')] }, true))).toBeUndefined()
  })
})

describe('a pod', () => {
  it('is ready by its condition, until it leaves', () => {
    const conditions = [{ type: 'Ready', status: 'True' }]
    expect([isReady(pod({ conditions })), isReady(pod({ conditions }, true)), isReady(pod({}))]).toEqual([
      true,
      false,
      false,
    ])
  })

  it('is there while it runs or leaves, not when it has ended', () => {
    const phases = ['Pending', 'Running', 'Unknown', 'Succeeded', 'Failed']
    expect(phases.map((phase) => isThere(pod({ phase })))).toEqual([true, true, true, false, false])
    expect(isThere(pod({ phase: 'Running' }, true))).toBe(true)
  })
})

import type { V1Pod } from '@kubernetes/client-node'
import { describe, expect, it } from 'vitest'
import { needsOf, needsOfOneMore } from '../../src/cluster/pod-needs.ts'

const asking = (cpu: string, name = 'app') => ({ name, resources: { requests: { cpu } } })
const sidecar = (cpu: string) => ({ ...asking(cpu, 'sidecar'), restartPolicy: 'Always' })

describe('what a pod asks for', () => {
  it('is the sum of its containers, cores and bytes', () => {
    const resources = { requests: { cpu: '500m', memory: '1Ki' }, limits: { cpu: '1', memory: '2Ki' } }
    const { requests, limits } = needsOf({ containers: [{ resources }, { resources }, {}] })
    expect(requests).toEqual({ cpu: 1, memory: 2048 })
    expect(limits).toEqual({ cpu: 2, memory: 4096 })
  })

  it('is nothing without a specification', () => {
    expect(needsOf(undefined)).toEqual({ requests: {}, limits: {} })
  })

  it('has its limits for requests where it has none, as the API server fills them in', () => {
    const resources = { requests: { cpu: '250m' }, limits: { cpu: '1', memory: '1Ki' } }
    expect(needsOf({ containers: [{ resources }] }).requests).toEqual({ cpu: 0.25, memory: 1024 })
    const initContainers = [{ resources: { limits: { cpu: '2' } } }]
    expect(needsOf({ containers: [{ resources }], initContainers }).requests).toEqual({ cpu: 2, memory: 1024 })
  })

  it.each([
    ['one that keeps running adds to the containers', [sidecar('2')], 3],
    ['the largest of the others counts where it is above the containers', [asking('2'), asking('4'), asking('3')], 4],
    ['one that ends before the containers start counts nothing beside them', [asking('1')], 1],
    ['those that run beside it count with it', [sidecar('2'), asking('4')], 6],
    ['those that start after it do not', [asking('4'), sidecar('2')], 4],
  ])('has init containers: %s', (_, initContainers, cpu) => {
    expect(needsOf({ containers: [asking('1')], initContainers }).requests).toEqual({ cpu })
  })

  it('counts limits by the same rule', () => {
    const limited = (cpu: string) => ({ resources: { limits: { cpu } } })
    const initContainers = [{ ...limited('2'), restartPolicy: 'Always' }, limited('4')]
    expect(needsOf({ containers: [limited('1')], initContainers }).limits).toEqual({ cpu: 6 })
  })

  it('has the overhead of its runtime on top, of limits only where it has some', () => {
    const containers = [{ resources: { requests: { cpu: '1' }, limits: { memory: '1Ki' } } }]
    const { requests, limits } = needsOf({ containers, overhead: { cpu: '2', memory: '1Ki', disk: '1' } })
    expect(requests).toEqual({ cpu: 3, memory: 2048, disk: 1 })
    expect(limits).toEqual({ memory: 2048 })
  })
})

describe('what one more pod asks for', () => {
  const pod = (...containers: ReturnType<typeof asking>[]): V1Pod => ({ spec: { containers } })

  it('is what the template says where no pod is there', () => {
    expect(needsOfOneMore({ containers: [asking('1')] }, []).requests).toEqual({ cpu: 1 })
  })

  it('is what pods ask for with what was injected into them', () => {
    const made = [pod(asking('1')), pod(asking('1'), asking('2', 'istio-proxy'))]
    expect(needsOfOneMore({ containers: [asking('1')] }, made).requests).toEqual({ cpu: 3 })
  })

  it('is no less than the template, each resource for itself', () => {
    const resources = { requests: { cpu: '2', memory: '1Ki' }, limits: { cpu: '2' } }
    const injected = { name: 'proxy', resources: { requests: { memory: '4Ki' }, limits: { cpu: '3' } } }
    const { requests, limits } = needsOfOneMore({ containers: [{ resources }] }, [{ spec: { containers: [injected] } }])
    expect(requests).toEqual({ cpu: 3, memory: 4096 })
    expect(limits).toEqual({ cpu: 3 })
  })
})

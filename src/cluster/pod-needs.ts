import type { V1Pod } from '@kubernetes/client-node'
import { quantity } from './quantity.ts'

/** Amounts by resource: `cpu` in cores, `memory` in bytes. */
export type Amounts = Readonly<Record<string, number>>

/** What one pod asks for. */
export interface PodNeeds {
  readonly requests: Amounts
  readonly limits: Amounts
}

/** Amounts in Kubernetes' notation. */
type Notation = Readonly<Record<string, string>>

interface AskingContainer {
  readonly restartPolicy?: string
  readonly resources?: { readonly requests?: Notation; readonly limits?: Notation }
}

/** As much of a pod's specification as says what it asks for. */
interface AskingPod {
  readonly containers: readonly AskingContainer[]
  readonly initContainers?: readonly AskingContainer[]
  readonly overhead?: Notation
}

/** Adds amounts up, each resource for itself. */
export function sumOf(list: readonly Amounts[]): Amounts {
  return combined(list, (one, other) => one + other)
}

/**
 * What a pod of this specification asks for, counted as the scheduler and the quotas do: all its containers and those init
 * containers that keep running (`restartPolicy: Always`), or one of the other init containers with what runs beside it
 * where that is more; and the pod's overhead. A container that requests nothing of what it limits requests its limit.
 */
export function needsOf(spec: AskingPod | undefined): PodNeeds {
  if (spec === undefined) return { requests: {}, limits: {} }
  const overhead = amountsOf(spec.overhead)
  const requests = together(spec, ({ resources }) => ({ ...resources?.limits, ...resources?.requests }))
  const limits = together(spec, ({ resources }) => resources?.limits)
  return {
    requests: sumOf([requests, overhead]),
    // Overhead by itself limits nothing.
    limits: Object.fromEntries(Object.entries(limits).map(([name, most]) => [name, most + (overhead[name] ?? 0)])),
  }
}

/**
 * What one more pod of this template will ask for: of each resource the greater of what the template says and what these
 * pods, made of one like it, ask for. Only they show what comes in while a pod is made: sidecars that a webhook injects,
 * the namespace's defaults, overhead.
 */
export function needsOfOneMore(template: AskingPod | undefined, made: readonly V1Pod[]): PodNeeds {
  const all = [template, ...made.map(({ spec }) => spec)].map(needsOf)
  return {
    requests: greatestOf(all.map(({ requests }) => requests)),
    limits: greatestOf(all.map(({ limits }) => limits)),
  }
}

/** The most that the pod's containers take at one time, by what each of them takes. */
function together(pod: AskingPod, takenBy: (container: AskingContainer) => Notation | undefined): Amounts {
  const taken = (container: AskingContainer) => amountsOf(takenBy(container))
  let beside: Amounts = {}
  const starting: Amounts[] = []
  for (const container of pod.initContainers ?? []) {
    const sum = sumOf([beside, taken(container)])
    if (container.restartPolicy === 'Always') beside = sum
    else starting.push(sum)
  }
  return greatestOf([sumOf([...pod.containers.map(taken), beside]), ...starting])
}

function amountsOf(notation: Notation | undefined): Amounts {
  return Object.fromEntries(Object.entries(notation ?? {}).map(([resource, text]) => [resource, quantity(text)]))
}

/** The greatest amount of each resource. */
function greatestOf(list: readonly Amounts[]): Amounts {
  return combined(list, Math.max)
}

function combined(list: readonly Amounts[], by: (one: number, other: number) => number): Amounts {
  const all: Record<string, number> = {}
  for (const amounts of list)
    for (const [resource, amount] of Object.entries(amounts)) all[resource] = by(all[resource] ?? 0, amount)
  return all
}

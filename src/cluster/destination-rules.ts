import { z } from 'zod'
import { SlipwayError } from '../errors.ts'
import type { ReadingClient } from './client.ts'
import type { ObjectKind } from './route-object.ts'
import { isSameHost } from './service-host.ts'

const kind: ObjectKind = {
  title: 'DestinationRule',
  resource: { group: 'networking.istio.io', version: 'v1', plural: 'destinationrules' },
}

const schema = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    host: z.string(),
    subsets: z
      .array(z.looseObject({ name: z.string(), labels: z.record(z.string(), z.string()).exactOptional() }))
      .exactOptional(),
  }),
})

/** A subset of a host, and the labels of its pods. */
export interface Subset {
  /** For words: which object defines it. */
  readonly what: string
  readonly host: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

/** The subsets that the namespace's DestinationRules define. Throws `cluster-unreadable` for one that is no such rule. */
export async function listSubsets(client: ReadingClient): Promise<readonly Subset[]> {
  const objects = await client.listObjects(kind)
  return objects.flatMap((object) => {
    const { data, error } = schema.safeParse(object)
    if (!data) throw new SlipwayError('cluster-unreadable', { what: 'A DestinationRule' }, { cause: error })
    const what = `DestinationRule ${client.namespace}/${data.metadata.name}`
    const { host, subsets = [] } = data.spec
    return subsets.map(({ name, labels = {} }) => ({ what, host, name, labels }))
  })
}

/** The subset that a destination means; throws `subset-missing`. */
export function subsetOf(all: readonly Subset[], host: string, name: string, namespace: string): Subset {
  const found = all.find((subset) => subset.name === name && isSameHost(subset.host, host, namespace))
  if (!found) throw new SlipwayError('subset-missing', { host, subset: name, namespace })
  return found
}

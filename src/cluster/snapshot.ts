import { z } from 'zod'
import type { ClusterConfig } from '../config/config.ts'
import { SlipwayError } from '../errors.ts'
import { isPassing } from '../jobs/failure.ts'
import { fewAtOnce } from '../readiness/few-at-once.ts'
import type { AccessRules, Snapshot } from '../readiness/snapshot.ts'
import type { ReadingClient } from './client.ts'
import type { Inspector } from './inspector.ts'
import { hasLabels } from './pods.ts'
import { readerOver } from './reader.ts'
import type { ObjectKind } from './route-object.ts'
import { trafficKinds } from './traffic-kinds.ts'

export interface SnapshotOptions {
  readonly client: ReadingClient
  readonly inspector: Inspector
  readonly config: ClusterConfig
  /** Those of the phases, in percent. */
  readonly weights: readonly number[]
}

const versionInfo = z.looseObject({ major: z.string().regex(/^\d+/), minor: z.string().regex(/^\d+/) })
const accessReview = z.looseObject({ status: z.looseObject({ allowed: z.boolean() }) })
const rulesReview = z.looseObject({
  status: z.looseObject({
    incomplete: z.boolean(),
    resourceRules: z.array(
      z.looseObject({
        verbs: z.array(z.string()),
        apiGroups: z.array(z.string()).nullish(),
        resources: z.array(z.string()).nullish(),
        resourceNames: z.array(z.string()).nullish(),
      }),
    ),
  }),
})
const objects = z.looseObject({ items: z.array(z.unknown()) })
const named = z.looseObject({ metadata: z.looseObject({ name: z.string() }) })

/** A process that has just started, on a busy machine, would not get through all of them within the time limit of one. */
const callsAtOnce = 8

/** A look at the cluster that reads everything once, however often it is asked for. */
export function createSnapshot({ client, inspector, config, weights }: SnapshotOptions): Snapshot {
  const { namespace } = inspector
  const gate = fewAtOnce(callsAtOnce)
  const remembering: ReadingClient = {
    ...client,
    readDeployment: once((name) => gate(() => client.readDeployment(name))),
    readRoute: () => route(''),
    readService: once((name) => gate(() => client.readService(name))),
    async listObjects({ resource: { group, version, plural } }: ObjectKind) {
      const path = `/apis/${group}/${version}/namespaces/${namespace}/${plural}`
      return parsed(wordsOf(path), objects, await get(path)).items
    },
    async listPods(selector) {
      const labels = Object.fromEntries(selector.split(',').flatMap((part) => (part === '' ? [] : [part.split('=')])))
      return (await pods('')).filter((pod) => hasLabels(pod, labels))
    },
  }
  const route = once(() => gate(() => client.readRoute(trafficKinds[config.traffic.kind], config.traffic.name)))
  const pods = once(() => gate(() => client.listPods('')))
  const cluster = readerOver(remembering, config)
  const view = once(() => cluster.view())
  const problems = once(async () => {
    const found = await cluster.trafficProblems(weights)
    // What could not be read is no problem that was found.
    const away = found.find(isPassing)
    if (away !== undefined) throw away
    return found
  })
  const managing = once(() => cluster.gitOps())
  const differences = once(() => cluster.templateDifferences())
  const get = once((path) => gate(() => inspector.get(wordsOf(path), path)))
  const getMetadata = once((path) => gate(() => inspector.get(wordsOf(path), path, 'metadata')))

  /** Asks what Slipway itself may do, of the kind of review and its specification. */
  async function ask<T>(review: string, spec: object, schema: z.ZodType<T>): Promise<T> {
    const path = `/apis/authorization.k8s.io/v1/${review.toLowerCase()}s`
    const body = { apiVersion: 'authorization.k8s.io/v1', kind: review, spec }
    return parsed(review, schema, await gate(() => inspector.review(review, path, body)))
  }
  const may = once(async (attributes) => {
    const spec = { resourceAttributes: JSON.parse(attributes) }
    return (await ask('SelfSubjectAccessReview', spec, accessReview)).status.allowed
  })
  const rules = once(async (): Promise<AccessRules> => {
    const { incomplete, resourceRules } = (await ask('SelfSubjectRulesReview', { namespace }, rulesReview)).status
    const listed = resourceRules.map(({ verbs, apiGroups, resources, resourceNames }) => {
      return { verbs, groups: apiGroups ?? [], resources: resources ?? [], names: resourceNames ?? [] }
    })
    return { rules: listed, incomplete }
  })

  return {
    view: () => view(''),
    templateDifferences: () => differences(''),
    trafficProblems: () => problems(''),
    gitOps: () => managing(''),
    deployment: (track) => remembering.readDeployment(config.tracks[track].deployment),
    pods: () => pods(''),
    async list({ group, version, plural, namespaced, schema }, where) {
      const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
      const path =
        namespaced && where === 'namespace' ? `${base}/namespaces/${namespace}/${plural}` : `${base}/${plural}`
      return parsed(wordsOf(path), z.looseObject({ items: z.array(schema) }), await get(path)).items
    },
    async exists(kind, name) {
      const path = `/api/v1/namespaces/${namespace}/${kind}/${encodeURIComponent(name)}`
      try {
        parsed(wordsOf(path), named, await getMetadata(path))
        return true
      } catch (error) {
        if (error instanceof SlipwayError && error.code === 'cluster-not-found') return false
        throw error
      }
    },
    async version() {
      const { major, minor } = parsed(wordsOf('/version'), versionInfo, await get('/version'))
      return [Number.parseInt(major, 10), Number.parseInt(minor, 10)]
    },
    may({ verb, group, resource: what, name, where }) {
      const [resource, subresource] = what.split('/')
      const which = { ...(subresource && { subresource }), ...(name && { name }) }
      return may(JSON.stringify({ verb, group, resource, ...which, ...(where === 'namespace' && { namespace }) }))
    },
    rules: () => rules(''),
  }
}

/** The same call once for each argument (by its key): whoever asks later gets the same answer. A failure is none. */
function once<T, A = string>(
  call: (argument: A) => Promise<T>,
  keyOf: (argument: A) => string = String,
): (argument: A) => Promise<T> {
  const asked = new Map<string, Promise<T>>()
  return (argument) => {
    const key = keyOf(argument)
    const known = asked.get(key)
    if (known !== undefined) return known
    const answer = call(argument)
    asked.set(key, answer)
    answer.catch(() => asked.delete(key))
    return answer
  }
}

/** How words call a path: `poddisruptionbudgets of policy/v1 in shop`. */
function wordsOf(path: string): string {
  const [, group, namespace, rest = path] =
    /^\/(?:apis\/([^/]+\/[^/]+)|api\/v1)(?:\/namespaces\/([^/]+))?\/(.+)$/.exec(path) ?? []
  return `${decodeURIComponent(rest)}${group ? ` of ${group}` : ''}${namespace ? ` in ${namespace}` : ''}`
}

function parsed<T>(what: string, schema: z.ZodType<T>, answer: unknown): T {
  const result = schema.safeParse(answer)
  if (!result.success) throw new SlipwayError('cluster-unreadable', { what }, { cause: result.error })
  return result.data
}

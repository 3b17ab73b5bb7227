import type { ClusterConfig } from '../config/config.ts'
import type { GitChange } from '../jobs/ports.ts'
import { autoscalerKind } from './autoscaler.ts'
import { trafficKinds } from './traffic-kinds.ts'

const tracks = ['blue', 'green'] as const

/** Text that is a string in YAML and in jq, whatever stands in it. */
const quoted = (text: string) => JSON.stringify(text)
/** The same within single quotes of YAML. */
const single = (text: string) => `'${text.replaceAll("'", "''")}'`
/** A name as a pattern that matches nothing else. */
const exactly = (name: string) => `^${name.replaceAll(/[.\\+*?[\](){}^$|]/g, '\\$&')}$`

/** The members that lead to weights: `http[].route[].weight`, `rules[].backendRefs[].weight`. */
const listOf = { 'virtual-service': 'route', 'http-route': 'backendRefs' } as const

/**
 * What belongs into the Application's `spec`, so that Argo CD leaves weights, images and sizes alone, and the minimum of the tracks'
 * autoscalers (by their names). A rule for what is not in Git does no harm.
 */
export function argoCdText(
  { namespace, container, traffic, tracks: configured }: ClusterConfig,
  autoscalers: readonly string[],
): string {
  const { title, resource, field } = trafficKinds[traffic.kind]
  const named = traffic.route === undefined ? '' : ` | select(.name == ${quoted(traffic.route)})`
  const weights = `.spec.${field}[]${named} | .${listOf[traffic.kind]}[].weight`
  const image = `.spec.template.spec.containers[] | select(.name == ${quoted(container)}) | .image`
  return [
    'ignoreDifferences:',
    ...tracks.flatMap((track) => [
      '  - group: apps',
      '    kind: Deployment',
      `    name: ${configured[track].deployment}`,
      `    namespace: ${namespace}`,
      '    jsonPointers: [/spec/replicas]',
      '    jqPathExpressions:',
      `      - ${single(image)}`,
    ]),
    `  - group: ${resource.group}`,
    `    kind: ${title}`,
    `    name: ${traffic.name}`,
    `    namespace: ${namespace}`,
    '    jqPathExpressions:',
    `      - ${single(weights)}`,
    ...autoscalers.flatMap((name) => [
      `  - group: ${autoscalerKind.resource.group}`,
      `    kind: ${autoscalerKind.title}`,
      `    name: ${name}`,
      `    namespace: ${namespace}`,
      '    jsonPointers: [/spec/minReplicas]',
    ]),
    'syncPolicy:',
    '  syncOptions:',
    '    - RespectIgnoreDifferences=true',
  ].join('\n')
}

/** The objects that Slipway writes to, as a `target` of Flux picks them. */
function targets({ traffic, tracks: configured }: ClusterConfig, autoscalers: readonly string[]) {
  const { title } = trafficKinds[traffic.kind]
  return [
    ...tracks.map((track) => ({ kind: 'Deployment', name: configured[track].deployment })),
    { kind: title, name: traffic.name },
    ...autoscalers.map((name) => ({ kind: autoscalerKind.title, name })),
  ].map(({ kind, name }) => ({ name: `${kind} ${name}`, target: `{ kind: ${kind}, name: ${quoted(exactly(name))} }` }))
}

/**
 * What belongs into the Kustomization's `spec`: Flux creates these objects and leaves them alone from then on. Its rules to ignore
 * fields would not do: it takes an ignored field out of what it applies, and with no other owner the API server drops the field.
 */
export function fluxText(config: ClusterConfig, autoscalers: readonly string[]): string {
  const patches = targets(config, autoscalers).flatMap(({ target }) => [
    `  - target: ${target}`,
    '    patch: |',
    '      - op: add',
    '        path: /metadata/annotations/kustomize.toolkit.fluxcd.io~1ssa',
    '        value: IfNotPresent',
  ])
  return ['patches:', ...patches].join('\n')
}

/** What belongs into the HelmRelease's `spec`: by JSON pointer, so it holds as long as containers and routes keep their places. */
export function helmText(config: ClusterConfig, autoscalers: readonly string[], changes: readonly GitChange[]): string {
  const rules = targets(config, autoscalers).flatMap(({ name, target }) => {
    const [kind, bare] = name.split(' ')
    const paths = changes
      .filter(({ object }) => object === `${kind} ${config.namespace}/${bare}`)
      .map(({ path }) => path)
    if (kind === autoscalerKind.title) paths.push('/spec/minReplicas')
    return [`    - paths: [${paths.join(', ')}]`, `      target: ${target}`]
  })
  return ['driftDetection:', '  mode: enabled', '  ignore:', ...rules].join('\n')
}

import type { ClusterConfig } from '../config/config.ts'
import type { Deployment } from './deployment.ts'
import { pointer } from './json-pointer.ts'

/** What blue calls itself, and what green says in its place. */
type Names = readonly (readonly [blue: string, green: string])[]

/** Set by `kubectl rollout restart`: pods were started anew, which is no difference between them. */
const restartedAt = 'kubectl.kubernetes.io/restartedAt'

/** Places in a pod template where a track may carry its own name. */
const namedPlaces = new Set(['labels', 'annotations', 'matchLabels', 'matchExpressions'])

/**
 * Where the two pod templates differ, as JSON pointers into the template: everything but the configured container's image, and
 * labels, annotations and selectors that only hold the tracks' own names.
 */
export function templateDifferences(
  blue: Deployment,
  green: Deployment,
  tracks: ClusterConfig['tracks'],
): readonly string[] {
  const names: [string, string][] = [
    ['blue', 'green'],
    [tracks.blue.deployment, tracks.green.deployment],
  ]
  const [blueSubset, greenSubset] = [tracks.blue.destination.subset, tracks.green.destination.subset]
  if (blueSubset !== undefined && greenSubset !== undefined) names.push([blueSubset, greenSubset])
  const image = (deployment: Deployment) => pointer('spec', 'containers', deployment.containerIndex, 'image')
  const ignored = new Set([pointer('metadata', 'annotations', restartedAt)])
  if (image(blue) === image(green)) ignored.add(image(blue))
  return differences([], blue.template, green.template, names).filter((path) => !ignored.has(path))
}

function differences(path: readonly (string | number)[], blue: unknown, green: unknown, names: Names): string[] {
  if (Array.isArray(blue) && Array.isArray(green)) {
    return indexes(blue, green).flatMap((index) => differences([...path, index], blue[index], green[index], names))
  }
  if (isRecord(blue) && isRecord(green)) {
    return keys(blue, green).flatMap((key) => differences([...path, key], blue[key], green[key], names))
  }
  return Object.is(blue, green) || isOwnName(path, blue, green, names) ? [] : [pointer(...path)]
}

/** Does each side hold its own track's name, in a place made for it? */
function isOwnName(path: readonly (string | number)[], blue: unknown, green: unknown, names: Names): boolean {
  if (!path.some((step) => namedPlaces.has(String(step)))) return false
  return names.some(([ofBlue, ofGreen]) => blue === ofBlue && green === ofGreen)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const keys = (a: object, b: object) => [...new Set([...Object.keys(a), ...Object.keys(b)])]
const indexes = (a: readonly unknown[], b: readonly unknown[]) => [...Array(Math.max(a.length, b.length)).keys()]

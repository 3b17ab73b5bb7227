import { parseDocument } from 'yaml'

const tracks = ['blue', 'green'] as const

/** The same configuration with the traffic split by an HTTPRoute, as k8s/http-route.yaml has it: a Service for each track. */
export function withHttpRoute(text: string): string {
  const document = parseDocument(text)
  document.setIn(['cluster', 'traffic', 'kind'], 'http-route')
  for (const track of tracks) {
    const path = ['cluster', 'tracks', track]
    document.setIn([...path, 'destination'], { host: document.getIn([...path, 'deployment']) })
  }
  return document.toString({ lineWidth: 0 })
}

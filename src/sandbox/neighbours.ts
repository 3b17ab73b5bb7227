import { once } from 'node:events'
import { createServer } from 'node:http'
import { z } from 'zod'

/** Systems beside the release that readiness asks: an Alertmanager, a Grafana, a registry and a Confluence. All are well. */
export interface Neighbours {
  /** Their addresses. */
  readonly urls: Readonly<Record<'alertmanager' | 'grafana' | 'registry' | 'confluence', string>>
  /** The alerts that fire from now on, by name. */
  setAlerts(names: readonly string[]): void
  close(): Promise<void>
}

const json = (body: unknown, headers: Readonly<Record<string, string>> = {}) => ({ status: 200, headers, body })

/** Starts all of them on one free port of loopback. */
export async function startNeighbours(): Promise<Neighbours> {
  let firing: readonly string[] = []
  const pages: readonly (readonly [RegExp, (path: RegExpExecArray, url: URL) => ReturnType<typeof json> | null])[] = [
    [/^\/alertmanager\/api\/v2\/alerts$/, () => json(firing.map(alertOf))],
    [
      /^\/grafana\/api\/dashboards\/uid\/([^/]+)$/,
      ([, uid = '']) => json({ dashboard: { uid, title: 'The release' } }),
    ],
    [
      // It has every image whose tag is a version.
      /^\/registry\/v2\/.+\/manifests\/([^/]+)$/,
      ([, tag = '']) => (/^\d+\.\d+/.test(tag) ? json({}, { 'docker-content-digest': `sha256:${tag}` }) : null),
    ],
    [
      /^\/confluence\/wiki\/api\/v2\/spaces$/,
      (_, { searchParams }) => json({ results: [{ id: '1', key: searchParams.get('keys') ?? '' }] }),
    ],
    [
      /^\/confluence\/wiki\/api\/v2\/spaces\/1\/operations$/,
      () => json({ operations: [{ operation: 'create', targetType: 'page' }] }),
    ],
  ]
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const found = pages.flatMap(([path, answer]) => {
      const match = path.exec(url.pathname)
      return match === null ? [] : [answer(match, url)]
    })[0]
    const headers = { 'content-type': 'application/json', ...found?.headers }
    response.writeHead(found?.status ?? 404, headers).end(JSON.stringify(found?.body ?? { message: 'not found' }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = z.object({ port: z.int() }).parse(server.address())
  const base = `http://127.0.0.1:${port}`
  return {
    urls: {
      alertmanager: `${base}/alertmanager`,
      grafana: `${base}/grafana`,
      // A registry's own paths begin at its root.
      registry: `${base}/registry`,
      confluence: `${base}/confluence/wiki`,
    },
    setAlerts(names) {
      firing = names
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function alertOf(alertname: string) {
  const status = { state: 'active', silencedBy: [], inhibitedBy: [] }
  return { labels: { alertname, severity: 'critical' }, status }
}
